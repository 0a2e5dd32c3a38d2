//! The JSON Schema of jobs files, for editors, is what the types say.

use std::path::Path;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::JobsFile;

fn schema() -> Value {
    let generator: SchemaGenerator = SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<JobsFile>().to_value()
}

#[test]
fn schema_in_the_repository_is_what_the_types_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs.schema.json");
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("INTERCUT_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "cli/jobs.schema.json is old: run this test with INTERCUT_WRITE_SCHEMA=1"
    );
}
