//! The JSON Schemas that the command ships, and whatever it prints held against them.
//!
//! - In: what a command wrote to standard output.
//! - Out: nothing; a text that is not what its schema says panics.
//! - Not here: whether the schemas are what the types say (a unit test of `cli`).

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

/// Checks every JSON object of `text`: the whole text, or one object a line.
///
/// # Panics
/// If an object names a schema that is not shipped, or is not what its schema says.
#[track_caller]
pub fn check(text: &str) {
    if !text.starts_with('{') {
        return;
    }
    match serde_json::from_str(text) {
        Ok(object) => check_object(&object),
        Err(_) => text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .for_each(|line| check_object(&line)),
    }
}

#[track_caller]
fn check_object(object: &Value) {
    let schema = object["schema"].as_str().and_then(|name| name.strip_prefix("intercut."));
    let name = match (schema, object.get("event")) {
        (_, Some(_)) => "batch-line",
        (Some(schema), None) => schema.split('/').next().unwrap_or_default(),
        (None, None) => return,
    };
    let schema = schemas().get(name);
    let schema = schema.unwrap_or_else(|| panic!("no schema is shipped for {name}: {object}"));
    let wrong: Vec<String> = schema
        .iter_errors(object)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{name} is not what its schema says: {wrong:#?}\n{object}");
}

/// The schemas by name.
fn schemas() -> &'static HashMap<String, Validator> {
    static SCHEMAS: OnceLock<HashMap<String, Validator>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/schemas");
        let entries = std::fs::read_dir(folder).expect("the schemas are in the repository");
        let read = |path: &Path| {
            let text = std::fs::read_to_string(path).expect("a schema is text");
            let schema = serde_json::from_str(&text).expect("a schema is JSON");
            jsonschema::validator_for(&schema).expect("a schema is sound")
        };
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        let name = |path: &Path| path.file_stem().map(|name| name.to_string_lossy().into_owned());
        paths.filter_map(|path| Some((name(&path)?, read(&path)))).collect()
    })
}
