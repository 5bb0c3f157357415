//! The TypeScript side of the calls: one file, written from the Rust types.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

use crate::view::ApiEvent;
use crate::{ApiError, Call, CallVisitor, each_call};

const HEADER: &str = "\
// Generated from the Rust types of the crate hindcast-api. Do not edit.
// Write it anew with: cargo run -p hindcast-api --example types
";

/// Where the file stands, seen from the repository's top folder.
pub const PATH: &str = "ui/src/backend/types.ts";

/// The whole file. The same Rust types always give the same text.
pub fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut calls = Calls { config: &config, lines: String::new(), types: Types::new(&config) };
    each_call(&mut calls);
    let Calls { lines, mut types, .. } = calls;
    types.add::<ApiEvent>();
    types.add::<ApiError>();

    let mut text = HEADER.to_owned();
    for declaration in types.declarations.values() {
        text.push('\n');
        text.push_str(declaration);
    }
    text.push_str("\n/** Every question, with the types of its parameters and its answer. */\n");
    text.push_str("export interface Calls {\n");
    text.push_str(&lines);
    text.push_str("}\n");
    text
}

struct Calls<'a> {
    config: &'a Config,
    lines: String,
    types: Types<'a>,
}

impl CallVisitor for Calls<'_> {
    fn visit<C: Call + 'static>(&mut self)
    where
        C::Answer: 'static,
    {
        self.types.add::<C>();
        self.types.add::<C::Answer>();
        let (params, answer) = (C::name(self.config), C::Answer::name(self.config));
        // Writing to a String cannot fail.
        let _ = writeln!(self.lines, "  {}: {{ params: {params}; answer: {answer} }};", C::NAME);
    }
}

/// Declarations of types and all they refer to, by name.
struct Types<'a> {
    config: &'a Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
}

impl<'a> Types<'a> {
    fn new(config: &'a Config) -> Self {
        Self { config, seen: HashSet::new(), declarations: BTreeMap::new() }
    }

    fn add<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only a type of its own is declared; `string | null` and the like are spelled out in place.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}\n", T::decl(self.config));
            self.declarations.insert(T::ident(self.config), tidy(&declaration));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// One-line comments on one line, no space at line ends, members indented.
fn tidy(declaration: &str) -> String {
    let lines: Vec<&str> = declaration.lines().map(str::trim_end).collect();
    let mut text = String::new();
    let mut inside = false;
    let mut rest = lines.as_slice();
    while let [line, tail @ ..] = rest {
        let (line, tail) = match (*line, tail) {
            ("/**", [one, " */", after @ ..]) => (format!("/**{} */", &one[2..]), after),
            (line, after) => (line.to_owned(), after),
        };
        text.push_str(if inside { "  " } else { "" });
        text.push_str(&line);
        text.push('\n');
        inside |= line.starts_with("export ");
        rest = tail;
    }
    text
}

impl TypeVisitor for Types<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}
