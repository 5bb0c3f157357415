//! Writes the TypeScript types of the api for the window.

fn main() -> std::io::Result<()> {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
    let path = std::path::Path::new(top).join(hindcast_api::typescript::PATH);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, hindcast_api::typescript::typescript())
}
