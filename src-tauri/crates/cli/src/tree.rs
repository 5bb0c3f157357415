//! A run as a tree.

use std::io;

use hindcast_api::view::{TreeLine, TreeView};

use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::duration;
use crate::words;

/// Prints a run's calls, each below its caller.
pub(crate) fn print(screen: &mut Screen, tree: &TreeView) -> io::Result<()> {
    let branches = branches(&tree.lines);
    let rows: Vec<_> =
        tree.lines.iter().zip(branches).map(|(line, branch)| row(tree, line, &branch)).collect();
    table::print(screen, &rows)
}

fn row(tree: &TreeView, line: &TreeLine, branch: &str) -> Vec<table::Cell> {
    let (sign, ink) = if line.pinned {
        ("⚲", Ink::Pin)
    } else {
        (words::sign(line.state), Ink::of(line.state))
    };
    let id = match (&line.step, line.attempt) {
        (Some(step), Some(attempt)) => format!("{step}:{attempt}"),
        (Some(step), None) => step.clone(),
        (None, _) => String::new(),
    };
    let state = if line.pinned { "pinned" } else { words::state(line.state) };
    let elsewhere = line.environment.as_ref().filter(|name| **name != tree.environment);
    let took = line.duration_ms.filter(|_| !line.pinned).map(duration);
    vec![
        (Ink::Plain, format!("{branch}{sign} {}", line.target)),
        (Ink::Faint, id),
        (ink, state.to_owned()),
        (Ink::Faint, elsewhere.cloned().unwrap_or_default()),
        (Ink::Faint, took.unwrap_or_default()),
        (Ink::Plain, line.note.clone()),
    ]
}

/// The lines drawn before each call, as `tree` draws them.
fn branches(lines: &[TreeLine]) -> Vec<String> {
    // Whether more of the same depth follow below the same caller, seen from the end.
    let mut follows: Vec<bool> = Vec::new();
    let mut last = vec![false; lines.len()];
    for (index, line) in lines.iter().enumerate().rev() {
        let depth = line.depth as usize;
        follows.resize(depth + 1, false);
        last[index] = !follows[depth];
        follows[depth] = true;
    }
    let mut open: Vec<bool> = Vec::new();
    let draw = |(line, last): (&TreeLine, &bool)| {
        let depth = line.depth as usize;
        open.resize(depth, false);
        let before: String =
            open.iter().skip(1).map(|open| if *open { "│  " } else { "   " }).collect();
        open.push(!last);
        match (depth, last) {
            (0, _) => before,
            (_, true) => before + "└─ ",
            (_, false) => before + "├─ ",
        }
    };
    lines.iter().zip(&last).map(draw).collect()
}
