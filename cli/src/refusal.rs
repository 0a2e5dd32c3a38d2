//! What is refused, as JSON: the object that every command prints with `--json` when it refuses: exit
//! code 3, or 1 if files are still being written and nothing else is wrong.
//!
//! - In: a refusal of the library, or one of the command's own.
//! - Out: [`Refusals`], schema `intercut.refusal/1`; field names are the contract.
//! - Holds: the code, the files and the numbers are those of the sentence that a person reads.
//! - Not here: the sentence and its advice (`advice`), what is printed on a terminal (`diagnostic`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use intercut_engine::batch::{JobError, JobNote};
use intercut_engine::json::{Form, Schema};
use intercut_engine::plan::{self, Field};
use intercut_engine::splice::SpliceError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::advice;

/// Everything that is refused.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Refusals<'a> {
    schema: Schema<Refusals<'a>>,
    refusals: Vec<&'a Refusal>,
}

/// One thing that is refused.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Refusal {
    /// What it is, for programs.
    pub(crate) code: Cow<'static, str>,
    /// The file or the option that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// What is wrong, without the path.
    pub(crate) message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    /// The numbers, names and other files of the message.
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Value>,
}

impl Form for Refusals<'_> {
    const SCHEMA: &'static str = "intercut.refusal/1";
}

impl<'a> Refusals<'a> {
    /// The object of these refusals.
    pub(crate) fn new(refusals: impl Iterator<Item = &'a Refusal>) -> Self {
        Self { schema: Schema::new(), refusals: refusals.collect() }
    }

    /// The object on one line, with a line feed.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every field of a refusal has a form in JSON") + "\n"
    }
}

impl Refusal {
    /// A refusal that is about no single file.
    pub(crate) fn new(code: &'static str, message: impl Into<String>, help: Option<&str>) -> Self {
        let (message, help) = (message.into(), help.map(str::to_owned));
        Self { code: code.into(), path: None, message, help, fields: BTreeMap::new() }
    }
}

impl Refusal {
    /// A refusal that is about one file.
    pub(crate) fn of_file(
        code: String,
        path: String,
        message: String,
        help: Option<String>,
    ) -> Self {
        let (code, path) = (code.into(), Some(path));
        Self { code, path, message, help, fields: BTreeMap::new() }
    }

    /// What is wrong with a job of a batch: one for each file.
    pub(crate) fn of_job(error: &JobError) -> Vec<Self> {
        match error {
            JobError::Splice(SpliceError::Plan(error)) => {
                error.refusals.iter().map(Self::from).collect()
            }
            error => {
                let helps = advice::job(error).into_iter().chain(std::iter::repeat(None));
                let notes = error.notes().into_iter().zip(helps);
                notes.map(|(note, help)| Self { help, ..Self::from(&note) }).collect()
            }
        }
    }
}

impl From<&JobNote> for Refusal {
    fn from(note: &JobNote) -> Self {
        let path = note.path.as_ref().map(|path| path.display().to_string());
        let (code, message) = (note.code.clone().into(), note.message.clone());
        Self { code, path, message, help: None, fields: BTreeMap::new() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl From<&plan::Refusal> for Refusal {
    fn from(refusal: &plan::Refusal) -> Self {
        let reason = &refusal.reason;
        let fields = reason.fields().into_iter().map(|(key, field)| (key, value(field)));
        Self {
            code: reason.code().into(),
            path: Some(refusal.path.display().to_string()),
            message: reason.to_string(),
            help: advice::reason(reason).map(str::to_owned),
            fields: fields.collect(),
        }
    }
}

fn value(field: Field) -> Value {
    match field {
        Field::Number(number) => match i64::try_from(number) {
            Ok(number) => number.into(),
            Err(_) => number.to_string().into(),
        },
        Field::Text(text) => text.into(),
        Field::Path(path) => path.display().to_string().into(),
        Field::Flag(flag) => flag.into(),
        Field::Share(share) => share.share().into(),
        Field::List(fields) => fields.into_iter().map(value).collect(),
        Field::Facts(facts) => {
            facts.into_iter().map(|(key, fact)| (key.to_owned(), value(fact))).collect()
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use intercut_engine::plan::Reason;
    use serde_json::json;

    use super::*;

    #[test]
    fn refusal_has_its_code_its_numbers_and_what_to_do() {
        let reason = Reason::HandlesTooLong { handles: 8, frames: 16 };
        let refusal = Refusal::from(&plan::Refusal { path: "S01.mov".into(), reason });
        let text = Refusals::new([&refusal].into_iter()).to_json();
        let expected = json!({
            "schema": "intercut.refusal/1",
            "refusals": [{
                "code": "handles_too_long",
                "path": "S01.mov",
                "message": "it has 16 frames, and 8 handle frames at each end leave none",
                "help": "pass fewer --handles, or leave the clip out",
                "handles": 8,
                "frames": 16,
            }],
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        assert!(text.ends_with("}\n") && text.lines().count() == 1);
    }
}
