//! The story on the command line: a production run fails, is fixed here, and nothing goes out twice.

use std::process::Command;

use hindcast_demo::{Outside, unreachable_outside};

use super::Demo;
use crate::command::follow;
use crate::{Failure, Result};

/// What a command of the story ends with: exit statuses of `hindcast`.
mod ends {
    pub(super) const WELL: i32 = 0;
    pub(super) const STEP_FAILED: i32 = 1;
    pub(super) const AT_THE_GUARD: i32 = 3;
}

/// Tells the story, and checks it as it goes.
pub(super) fn tell(demo: &Demo) -> Result {
    let outside =
        Outside::start().map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
    let variables = outside.variables();
    let folder = demo.project.folder();
    demo.project.set_variables(&variables).map_err(Failure::io("write .env in", folder))?;

    say("The run as it was in production: order 008 goes to Switzerland, and price_order fails.");
    expect(ends::WELL, &mut demo.hindcast(["inspect", "R6Lf"]))?;

    say("Step 36 again, here, with the code as it is: the same error.");
    expect(ends::STEP_FAILED, &mut rerun(demo, "R6Lf:36"))?;

    say("A VAT rate for CH is added to the project, and step 36 has a price.");
    demo.project.add_vat_rate().map_err(Failure::io("edit", folder))?;
    expect(ends::WELL, &mut rerun(demo, "R6Lf:36"))?;
    expect(ends::WELL, &mut demo.hindcast(["diff", "R6Lf:36"]))?;

    say("The whole run again: what production paid for and mailed is pinned. \
         Order 008 was never charged, so Hindcast stops there.");
    expect(ends::AT_THE_GUARD, &mut rerun(demo, "R6Lf:1"))?;
    seen(&outside, 0, 0)?;

    say("Now with leave to run what production never did: one charge and one mail.");
    expect(ends::WELL, rerun(demo, "R6Lf:1").args(["--on-miss", "run"]))?;
    seen(&outside, 1, 1)?;

    say("The run as it is now in development.");
    expect(ends::WELL, &mut demo.hindcast(["inspect", "R6Lf", "--env", "development"]))?;
    expect(ends::WELL, &mut demo.hindcast(["diff", "R6Lf"]))?;
    demo.project.set_variables(&unreachable_outside()).map_err(Failure::io("write .env in", folder))
}

fn rerun(demo: &Demo, step: &str) -> Command {
    let mut command = demo.hindcast(["rerun", step, "--project"]);
    command.arg(demo.project.folder());
    command
}

fn say(what: &str) {
    println!("\n# {what}");
}

fn expect(status: i32, command: &mut Command) -> Result {
    let ended = follow(command)?.status;
    if ended == Some(status) {
        return Ok(());
    }
    Err(Failure::new(format!("that should have ended with status {status}, not {ended:?}")))
}

fn seen(outside: &Outside, charges: usize, mails: usize) -> Result {
    let seen = (outside.connections(), outside.charges().len(), outside.mails().len());
    println!("Connections seen outside: {} (charges: {}, mails: {})", seen.0, seen.1, seen.2);
    if seen == (charges + mails, charges, mails) {
        Ok(())
    } else {
        Err(Failure::new(format!("that should have been {charges} charges and {mails} mails")))
    }
}
