use hindcast_import::{Options, read};
fn main() {
    for path in std::env::args().skip(1) {
        match read(&[path.clone().into()], &Options::default(), &mut |_| true) {
            Ok(found) => {
                println!(
                    "{path}: {} runs, {} steps, logs {}, {:?}",
                    found.runs.len(),
                    found.runs.iter().map(|r| r.run.steps.len()).sum::<usize>(),
                    found.logs.concat().len(),
                    found.workspaces
                );
                for f in &found.findings {
                    println!("   {}: {}", f.place, f.message);
                }
                if std::env::var("FULL").is_ok() {
                    for r in &found.runs {
                        println!("{}", serde_json::to_string(&r.run.document()).unwrap());
                    }
                }
            }
            Err(error) => println!("{path}: ERROR {error}"),
        }
    }
}
