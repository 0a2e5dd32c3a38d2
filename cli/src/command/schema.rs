//! `intercut schema`: the JSON Schema of every JSON that the command prints or saves.
//!
//! - In: a name, or none for the list of names.
//! - Out: the schema (draft 7), made from the types that are written.
//! - Holds: `cli/schemas` has the same, for programs that do not run the command.
//! - Not here: the types; jobs files (`cli/jobs.schema.json`).

use std::fmt::Write as _;

use intercut_engine::batch::{BatchReport, Sidecar, Summary, Tried};
use intercut_engine::blank::BlanksObject;
use intercut_engine::in_place::HistoryObject;
use intercut_engine::json::schema_of;
use intercut_engine::link::LinkReport;
use intercut_engine::plan::SplicePlan;
use intercut_engine::report::ReportObject;
use intercut_engine::stamp::StampObject;

use super::verify::{Verifications, VerifyObject};
use super::{batch, probe, qc, review, still};
use crate::args::SchemaArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::refusal::Refusals;

/// Every schema: its name, what it describes, and how it is made.
type Entry = (&'static str, &'static str, fn() -> String);

const SCHEMAS: [Entry; 18] = [
    ("plan", "plan --json, --save-plan", schema_of::<SplicePlan>),
    ("report", "splice --json, insert --json", schema_of::<ReportObject>),
    ("history", "history --json", schema_of::<HistoryObject>),
    ("verify", "verify --json", schema_of::<VerifyObject>),
    ("verifications", "verify --each --json", schema_of::<Verifications>),
    ("probe", "probe --json", schema_of::<probe::Object>),
    ("still", "still --json", schema_of::<still::Object>),
    ("blank", "blank --json", schema_of::<BlanksObject>),
    ("stamp", "stamp --json", schema_of::<StampObject>),
    ("qc", "qc --json", schema_of::<qc::Object>),
    ("review", "review --json", schema_of::<review::Object>),
    ("link", "link --json", schema_of::<LinkReport>),
    ("batch", "the last line of batch --json", schema_of::<BatchReport>),
    ("batch-line", "each line of batch --json", schema_of::<batch::Line<'static>>),
    ("summary", "batch --summary --json", schema_of::<Summary>),
    ("sidecar", "OUT.intercut.json", schema_of::<Sidecar>),
    ("attempt", "OUT.intercut.json of an output that was tried and never made", schema_of::<Tried>),
    ("refusal", "any command with --json that exits with 3", schema_of::<Refusals<'static>>),
];

pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Failure> {
    let Some(name) = &args.name else {
        let mut list = String::new();
        for (name, what, _) in SCHEMAS {
            let _ = writeln!(list, "{name:14} {what}");
        }
        print(&list)?;
        return Ok(Exit::Done);
    };
    let Some((_, _, schema)) = SCHEMAS.iter().find(|(known, ..)| known == name) else {
        let message = format!("there is no schema called {name:?}");
        let help = "`intercut schema` lists their names";
        return Err(Failure::new(Exit::Usage, message, Some(help)));
    };
    print(&schema())?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn schemas_in_the_repository_are_what_the_types_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        for (name, _, schema) in SCHEMAS {
            let path = folder.join(format!("{name}.json"));
            if std::env::var_os("INTERCUT_WRITE_SCHEMA").is_some() {
                std::fs::write(&path, schema()).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            let help = "run this test with INTERCUT_WRITE_SCHEMA=1";
            assert!(kept == schema(), "cli/schemas/{name}.json is old: {help}");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), SCHEMAS.len());
    }
}
