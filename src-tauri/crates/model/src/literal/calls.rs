//! Values that Python writes as a call: `Decimal('1.10')`, `datetime.datetime(2026, 3, 4)`, a model.

use super::{Fault, Read, Reader, model, walk};
use crate::data::{Content, Data};

/// An argument of a call: by name or by place.
struct Argument<'text> {
    at: usize,
    name: Option<&'text str>,
    value: Given,
}

/// What an argument is: a value, or something that is only part of one.
enum Given {
    Value(Data),
    /// A time zone, as its offset from UTC in microseconds.
    Zone(i64),
}

impl<'text> Reader<'text> {
    /// A call, its opening bracket just passed.
    pub(super) fn call(&mut self, start: usize, name: &str) -> Read<Data> {
        let wrong = |what: String| Fault { at: start, what };
        let arguments = self.arguments()?;
        let last = name.rsplit('.').next().unwrap_or(name);
        let of = |modules: &[&str]| {
            modules.iter().any(|module| match name.strip_suffix(last) {
                Some("") => true,
                Some(prefix) => prefix.trim_end_matches('.') == *module,
                None => false,
            })
        };
        let data = match last {
            "set" | "frozenset" if of(&["builtins"]) => Self::collection(arguments),
            "tuple" | "list" | "dict" if of(&["builtins"]) && arguments.is_empty() => {
                Some(match last {
                    "tuple" => Data::Tuple(Vec::new()),
                    "list" => Data::List(Vec::new()),
                    _ => Data::Dict(Vec::new()),
                })
            }
            "Decimal" if of(&["decimal"]) => decimal(arguments),
            "UUID" if of(&["uuid"]) => text(arguments).and_then(|text| uuid(&text)).map(Data::Uuid),
            "datetime" if of(&["datetime"]) => datetime(&arguments),
            "date" if of(&["datetime"]) => date(&arguments),
            "time" if of(&["datetime"]) => time(&arguments),
            "timedelta" if of(&["datetime"]) => {
                microseconds(&arguments).map(|micros| Data::Duration(seconds(micros)))
            }
            "fromisoformat" => iso(name, arguments),
            _ => return self.model(start, name, arguments),
        };
        data.ok_or_else(|| wrong(format!("{name} is not called so")))
    }

    fn arguments(&mut self) -> Read<Vec<Argument<'text>>> {
        let mut arguments = Vec::new();
        loop {
            if self.take(")") {
                return Ok(arguments);
            }
            self.space();
            let at = self.at;
            let name = self.keyword();
            self.space();
            let value = match self.zone()? {
                Some(offset) => Given::Zone(offset),
                None => Given::Value(self.value()?),
            };
            arguments.push(Argument { at, name, value });
            if !self.take(",") {
                self.expect(")")?;
                return Ok(arguments);
            }
        }
    }

    /// The name before a `=`.
    fn keyword(&mut self) -> Option<&'text str> {
        let before = self.at;
        let word = self.word();
        let named = !word.is_empty() && !word.contains('.') && self.take("=");
        if named && !self.rest().starts_with('=') {
            return Some(word);
        }
        self.at = before;
        None
    }

    /// A time zone's offset in microseconds, if one comes next.
    fn zone(&mut self) -> Read<Option<i64>> {
        for prefix in ["datetime.timezone", "timezone"] {
            if !self.rest().starts_with(prefix) {
                continue;
            }
            self.at += prefix.len();
            if self.take(".utc") {
                return Ok(Some(0));
            }
            let at = self.at;
            self.expect("(")?;
            let arguments = self.arguments()?;
            let wrong = || Fault { at, what: "a time zone is timezone(timedelta(…))".to_owned() };
            let mut arguments = arguments.into_iter();
            let (Some(Argument { value: Given::Value(Data::Duration(offset)), .. }), None) =
                (arguments.next(), arguments.next())
            else {
                return Err(wrong());
            };
            #[expect(clippy::cast_possible_truncation, reason = "checked to be within a day")]
            return if offset.abs() < 86_400.0 {
                Ok(Some((offset * 1e6).round() as i64))
            } else {
                Err(wrong())
            };
        }
        Ok(None)
    }

    fn collection(arguments: Vec<Argument<'_>>) -> Option<Data> {
        let mut arguments = arguments.into_iter();
        match (arguments.next(), arguments.next()) {
            (None, _) => Some(Data::Set(Vec::new())),
            (
                Some(Argument {
                    name: None,
                    value: Given::Value(Data::List(items) | Data::Tuple(items) | Data::Set(items)),
                    ..
                }),
                None,
            ) => Some(Data::Set(items)),
            _ => None,
        }
    }

    /// A pydantic model: by its full name, or by its class's name alone where the value that is
    /// edited holds one of that name.
    fn model(&self, start: usize, name: &str, arguments: Vec<Argument<'_>>) -> Read<Data> {
        let class = if name.contains('.') { Some(name.to_owned()) } else { self.class_like(name) };
        let Some(class) = class else {
            let what = format!(
                "{name} is not known: write a model with its module, as in module.{name}(…)"
            );
            return Err(Fault { at: start, what });
        };
        let mut fields = Vec::new();
        for Argument { at, name, value } in arguments {
            let (Some(name), Given::Value(value)) = (name, value) else {
                let what = format!("fields of {class} are given by name");
                return Err(Fault { at, what });
            };
            fields.push((Data::Str(name.to_owned()), value));
        }
        Ok(model(&class, fields))
    }

    fn class_like(&self, name: &str) -> Option<String> {
        let mut found = None;
        walk(self.like?, &mut |data| {
            let Data::Fragment(fragment) = data else { return };
            let is_model = matches!(fragment.content, Content::Json(_));
            let class = fragment.class().filter(|_| is_model);
            if let Some(class) = class.filter(|class| class.rsplit('.').next() == Some(name)) {
                found.get_or_insert_with(|| class.to_owned());
            }
        });
        found
    }
}

/// The only argument, by place.
fn only(arguments: Vec<Argument<'_>>) -> Option<Data> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(Argument { name: None, value: Given::Value(value), .. }), None) => Some(value),
        _ => None,
    }
}

fn text(arguments: Vec<Argument<'_>>) -> Option<String> {
    match only(arguments)? {
        Data::Str(text) => Some(text),
        _ => None,
    }
}

fn decimal(arguments: Vec<Argument<'_>>) -> Option<Data> {
    let text = match only(arguments)? {
        Data::Str(text) => text.trim().to_owned(),
        Data::Int(int) => int.to_string(),
        Data::BigInt(digits) => digits,
        _ => return None,
    };
    let number = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits(mantissa) > 0
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && mantissa.matches('.').count() <= 1
        && exponent.parse::<i64>().is_ok();
    let special = matches!(number, "NaN" | "sNaN" | "Infinity" | "Inf");
    (plain || special).then_some(Data::Decimal(text))
}

fn uuid(text: &str) -> Option<String> {
    let hex: String = text.chars().filter(|c| !matches!(c, '-' | '{' | '}')).collect();
    let hex = hex.strip_prefix("urn:uuid:").unwrap_or(&hex).to_ascii_lowercase();
    let whole = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| {
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    })
}

/// Arguments by place or name, as integers in these bounds; none where one does not fit.
fn integers(
    arguments: &[Argument<'_>],
    names: &[(&str, Option<i64>, i64, i64)],
) -> Option<Vec<i64>> {
    let mut found: Vec<Option<i64>> = vec![None; names.len()];
    for (place, argument) in arguments.iter().enumerate() {
        let Given::Value(Data::Int(int)) = argument.value else { continue };
        let place = match argument.name {
            Some(name) => names.iter().position(|(known, ..)| *known == name)?,
            None => place,
        };
        let (_, _, least, most) = names.get(place)?;
        if !(*least..=*most).contains(&int) || found[place].is_some() {
            return None;
        }
        found[place] = Some(int);
    }
    let others = arguments.iter().filter(|one| !matches!(one.value, Given::Value(Data::Int(_))));
    let known = |one: &Argument<'_>| match &one.value {
        Given::Zone(_) | Given::Value(Data::None) => one.name == Some("tzinfo"),
        Given::Value(_) => false,
    };
    if !others.into_iter().all(known) {
        return None;
    }
    found.into_iter().zip(names).map(|(found, (_, default, ..))| found.or(*default)).collect()
}

fn offset(arguments: &[Argument<'_>]) -> Option<i64> {
    arguments.iter().find_map(|argument| match argument.value {
        Given::Zone(offset) => Some(offset),
        Given::Value(_) => None,
    })
}

const YEAR: (&str, Option<i64>, i64, i64) = ("year", None, 1, 9999);
const MONTH: (&str, Option<i64>, i64, i64) = ("month", None, 1, 12);
const DAY: (&str, Option<i64>, i64, i64) = ("day", None, 1, 31);
const TIME: [(&str, Option<i64>, i64, i64); 5] = [
    ("hour", Some(0), 0, 23),
    ("minute", Some(0), 0, 59),
    ("second", Some(0), 0, 59),
    ("microsecond", Some(0), 0, 999_999),
    ("fold", Some(0), 0, 1),
];

fn date_text(year: i64, month: i64, day: i64) -> Option<String> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (day <= days).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn time_text(parts: &[i64], offset: Option<i64>) -> Option<String> {
    let [hour, minute, second, micro, ..] = *parts else { return None };
    let micro = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    let offset = offset.map(|offset| {
        let sign = if offset < 0 { '-' } else { '+' };
        let (whole, micros) = (offset.abs() / 1_000_000, offset.abs() % 1_000_000);
        let mut text = format!("{sign}{:02}:{:02}", whole / 3600, whole / 60 % 60);
        if whole % 60 != 0 || micros != 0 {
            text.push_str(&format_seconds(whole % 60, micros));
        }
        text
    });
    Some(format!("{hour:02}:{minute:02}:{second:02}{micro}{}", offset.unwrap_or_default()))
}

fn format_seconds(seconds: i64, micros: i64) -> String {
    if micros == 0 { format!(":{seconds:02}") } else { format!(":{seconds:02}.{micros:06}") }
}

fn datetime(arguments: &[Argument<'_>]) -> Option<Data> {
    let names: Vec<_> = [YEAR, MONTH, DAY].into_iter().chain(TIME).collect();
    let parts = integers(arguments, &names)?;
    let date = date_text(parts[0], parts[1], parts[2])?;
    let time = time_text(&parts[3..], offset(arguments))?;
    Some(Data::DateTime(format!("{date}T{time}")))
}

fn date(arguments: &[Argument<'_>]) -> Option<Data> {
    let parts = integers(arguments, &[YEAR, MONTH, DAY])?;
    date_text(parts[0], parts[1], parts[2]).map(Data::Date)
}

fn time(arguments: &[Argument<'_>]) -> Option<Data> {
    let parts = integers(arguments, &TIME)?;
    time_text(&parts, offset(arguments)).map(Data::Time)
}

/// `datetime.fromisoformat('…')`, which the SDK itself reads with.
fn iso(name: &str, arguments: Vec<Argument<'_>>) -> Option<Data> {
    let text = text(arguments)?;
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    match name.trim_end_matches(".fromisoformat") {
        "datetime.datetime" | "datetime" if digit(0) => Some(Data::DateTime(text)),
        "datetime.date" | "date" if digit(0) => Some(Data::Date(text)),
        "datetime.time" | "time" if digit(0) => Some(Data::Time(text)),
        _ => None,
    }
}

/// A timedelta's length in microseconds.
fn microseconds(arguments: &[Argument<'_>]) -> Option<i64> {
    const UNITS: [(&str, f64); 7] = [
        ("days", 86_400e6),
        ("seconds", 1e6),
        ("microseconds", 1.0),
        ("milliseconds", 1e3),
        ("minutes", 60e6),
        ("hours", 3600e6),
        ("weeks", 604_800e6),
    ];
    let mut total = 0.0;
    for (place, argument) in arguments.iter().enumerate() {
        let unit = match argument.name {
            Some(name) => UNITS.iter().find(|(known, _)| *known == name)?,
            None => UNITS.get(place)?,
        };
        let Given::Value(value) = &argument.value else { return None };
        total += value.as_float()? * unit.1;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a timedelta is below 2^53 microseconds")]
    (total.abs() < 9e15).then_some(total.round() as i64)
}

#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
