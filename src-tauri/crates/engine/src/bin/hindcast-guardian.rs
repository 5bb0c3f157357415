//! A guardian of its own, for tests and for programs that embed the engine.

fn main() {
    hindcast_engine::guardian::main_if_asked();
}
