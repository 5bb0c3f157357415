//! The window's types are those of the api.

#[test]
fn the_generated_types_are_current() {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
    let path = std::path::Path::new(top).join(hindcast_api::typescript::PATH);
    let written = std::fs::read_to_string(path).unwrap();
    assert!(
        written == hindcast_api::typescript::typescript(),
        "{} is not current; run: cargo run -p hindcast-api --example types",
        hindcast_api::typescript::PATH
    );
}
