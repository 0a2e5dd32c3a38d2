//! The JSON Schema of jobs files, for editors, is what the types say.

use std::path::Path;

use clap::CommandFactory;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::JobsFile;
use crate::args::Cli;

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

/// The values that a schema or a definition that it refers to allows.
fn values(schema: &Value, key: &Value) -> Vec<String> {
    let text = serde_json::to_string(key).unwrap();
    let definitions = schema["definitions"].as_object().unwrap();
    let named = definitions.iter().find(|(name, _)| text.contains(&format!("/{name}\"")));
    let Some((_, definition)) = named else { return Vec::new() };
    let constants = definition["oneOf"].as_array().into_iter().flatten();
    constants.filter_map(|value| Some(value["const"].as_str()?.to_owned())).collect()
}

#[test]
fn keys_and_values_are_those_of_splice() {
    let schema = schema();
    let command = Cli::command();
    let splice = command.find_subcommand("splice").unwrap();
    let keys = schema["definitions"]["Settings"]["properties"].as_object().unwrap();
    let mut checked = 0;
    for (key, property) in keys {
        if ["base", "clips", "vfx", "output"].contains(&key.as_str()) {
            continue;
        }
        let option = splice.get_arguments().find(|option| option.get_long() == Some(key));
        let option = option.unwrap_or_else(|| panic!("splice has no --{key}"));
        let known: Vec<String> = option
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .filter(|value| !["true", "false"].contains(&value.as_str()))
            .collect();
        assert_eq!(values(&schema, property), known, "{key}");
        checked += 1;
    }
    assert_eq!(checked, 9);
}
