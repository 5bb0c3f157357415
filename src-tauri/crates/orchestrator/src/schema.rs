//! Whether a person's answer is one that the question allows.

/// Why an answer does not fit a JSON Schema, for a person.
///
/// The schema is text from an executor or an export: what it refers to elsewhere is never fetched.
pub(crate) fn misfit(schema: &str, answer: &str) -> Option<String> {
    let schema = match serde_json::from_str(schema) {
        Ok(schema) => schema,
        Err(error) => return Some(format!("the schema of the question is no JSON: {error}")),
    };
    let answer = match serde_json::from_str(answer) {
        Ok(answer) => answer,
        Err(error) => return Some(format!("the answer is no JSON: {error}")),
    };
    match jsonschema::validator_for(&schema) {
        Ok(validator) => validator.validate(&answer).err().map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { String::new() } else { format!(" (at {place})") };
            format!("{error}{place}")
        }),
        Err(error) => Some(format!("the schema of the question is no JSON Schema: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_held_to_the_schema() {
        // As pydantic writes it for the recorded prompt of `fixtures/conformance/inputs`.
        let schema = r#"{"properties":{
            "sentiment":{"enum":["positive","neutral","negative"],"type":"string"},
            "confidence":{"maximum":5,"minimum":1,"type":"integer"},
            "notes":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}},
            "required":["sentiment","confidence"],"type":"object"}"#;
        let misfits = [
            (r#"{"sentiment":"neutral","confidence":3}"#, None),
            (r#"{"sentiment":"neutral","confidence":3,"notes":null}"#, None),
            (
                r#"{"sentiment":"neutral","confidence":9}"#,
                Some("9 is greater than the maximum of 5 (at /confidence)"),
            ),
            (r#"{"sentiment":"neutral"}"#, Some(r#""confidence" is a required property"#)),
            ("3", Some(r#"3 is not of type "object""#)),
        ];
        for (answer, expected) in misfits {
            assert_eq!(misfit(schema, answer).as_deref(), expected, "{answer}");
        }
        assert_eq!(misfit(r#"{"type":"number"}"#, "1.5"), None);
    }

    #[test]
    fn a_schema_that_cannot_be_used_says_so() {
        for schema in ["{", r#"{"type":"no such"}"#, r#"{"$ref":"https://example.com/s.json"}"#] {
            let reason = misfit(schema, "1").unwrap();
            assert!(reason.starts_with("the schema of the question"), "{reason}");
        }
    }
}
