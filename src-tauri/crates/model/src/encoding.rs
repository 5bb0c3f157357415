//! How an environment's workers write values. Both settings are the worker's own, not the server's,
//! and both change memo keys and blob keys.

use serde::{Deserialize, Serialize};

use crate::normalise::{Normalised, NotJson, THRESHOLD, encode, normalise_with};
use crate::{BlobKey, Reference, Value};

/// What becomes of numbers between the SDK and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Numbers {
    /// Each passes through a float64, as in Coflux's own worker: `1.0` becomes `1`, and integers
    /// beyond 2^53 are rounded.
    #[default]
    RoundTrip,
    /// They stay as the SDK wrote them.
    AsSent,
}

/// A blob's key and its content.
type Blob = (BlobKey, Vec<u8>);

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoding {
    /// The longest JSON, in bytes, that stays in the value itself. Anything longer becomes a blob.
    pub threshold: usize,
    /// What becomes of numbers.
    pub numbers: Numbers,
}

impl Default for Encoding {
    /// Coflux's own.
    fn default() -> Self {
        Self { threshold: THRESHOLD, numbers: Numbers::RoundTrip }
    }
}

impl Encoding {
    /// The value that stands for what the SDK sent inline, and its content if that is a blob.
    ///
    /// # Errors
    /// If the text is not JSON, or holds a number that JSON or a float64 cannot hold.
    pub fn value(
        &self,
        text: &str,
        references: Vec<Reference>,
    ) -> Result<(Value, Option<Blob>), NotJson> {
        Ok(encode(self.normalise(text)?, references, self.threshold))
    }

    /// The text as it reaches the server.
    ///
    /// # Errors
    /// As [`Encoding::value`].
    pub fn normalise(&self, text: &str) -> Result<Normalised, NotJson> {
        normalise_with(text, self.numbers)
    }
}

/// What is set of an encoding; what is not is as it is in the environment's base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EncodingChoice {
    /// See [`Encoding::threshold`].
    pub threshold: Option<usize>,
    /// See [`Encoding::numbers`].
    pub numbers: Option<Numbers>,
}

impl EncodingChoice {
    /// The encoding that choices make, the nearest environment's first.
    pub fn resolve(chain: impl IntoIterator<Item = Self>) -> Encoding {
        let mut found = Self::default();
        for choice in chain {
            found.threshold = found.threshold.or(choice.threshold);
            found.numbers = found.numbers.or(choice.numbers);
        }
        let usual = Encoding::default();
        Encoding {
            threshold: found.threshold.unwrap_or(usual.threshold),
            numbers: found.numbers.unwrap_or(usual.numbers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Params, Target, memo_key};

    const AS_SENT: Encoding = Encoding { threshold: 12, numbers: Numbers::AsSent };

    #[test]
    fn numbers_stay_as_sent_where_the_worker_leaves_them() {
        for (sent, round_trip, as_sent) in [
            ("1.0", "1", "1.0"),
            ("-0.0", "-0", "-0.0"),
            ("1e-07", "1e-7", "1e-07"),
            ("1152921504606846977", "1152921504606847000", "1152921504606846977"),
            (
                r#"{"b": [1.50], "a": "<"}"#,
                r#"{"a":"\u003c","b":[1.5]}"#,
                r#"{"a":"\u003c","b":[1.50]}"#,
            ),
        ] {
            let text = |encoding: Encoding| encoding.normalise(sent).unwrap().text().to_owned();
            assert_eq!(text(Encoding::default()), round_trip);
            assert_eq!(text(AS_SENT), as_sent);
        }
        let digits = "9".repeat(400);
        assert_eq!(AS_SENT.normalise(&digits).unwrap().text(), digits);
        assert!(AS_SENT.normalise("1e999").is_err(), "no float is that large");
        assert!(AS_SENT.normalise("NaN").is_err());
    }

    #[test]
    fn both_settings_change_the_key() {
        let key = |encoding: Encoding, text: &str| {
            let (value, _) = encoding.value(text, Vec::new()).unwrap();
            memo_key(&Target::new("m", "f"), &[value], &Params::All).unwrap()
        };
        assert_eq!(key(Encoding::default(), "1.0"), key(Encoding::default(), "1"));
        assert_ne!(key(AS_SENT, "1.0"), key(AS_SENT, "1"));
        let long = r#""more than twelve""#;
        assert_ne!(key(Encoding::default(), long), key(AS_SENT, long));
    }

    #[test]
    fn what_an_environment_does_not_say_its_base_does() {
        let none = EncodingChoice::default();
        let base = EncodingChoice { threshold: Some(200), numbers: Some(Numbers::AsSent) };
        let own = EncodingChoice { threshold: Some(50), ..none };
        let made = |chain: &[EncodingChoice]| EncodingChoice::resolve(chain.iter().copied());
        assert_eq!(made(&[]), Encoding::default());
        assert_eq!(made(&[none, base]), Encoding { threshold: 200, numbers: Numbers::AsSent });
        assert_eq!(made(&[own, base]), Encoding { threshold: 50, numbers: Numbers::AsSent });
    }
}
