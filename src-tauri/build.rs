//! Puts the window's page and permissions into the program.

fn main() {
    tauri_build::build();
}
