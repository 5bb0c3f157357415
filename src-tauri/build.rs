//! Puts the window's page and permissions into the program.

/// What the page may ask of the desktop; each needs its permission in `capabilities/`.
const COMMANDS: &[&str] =
    &["call", "choose_files", "choose_folder", "choose_save", "listens", "register_links", "zoom"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
