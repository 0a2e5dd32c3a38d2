//! The harness itself, at a scale at which it takes seconds.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn everybody_that_runs_here_is_measured_and_checked() {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.join("versus");
    let out = tempfile::tempdir_in(tmp).unwrap();
    let (json, page) = (out.path().join("versus.json"), out.path().join("versus.html"));
    let mut versus = Command::new(env!("CARGO_BIN_EXE_versus"));
    versus.args(["--scale", "0.02", "--workload", "seed", "--repeat", "1", "--resolve", "12.5"]);
    versus.arg("--folder").arg(&folder).arg("--json").arg(&json).arg("--report").arg(&page);
    let output = versus.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");

    let summary: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(summary["schema"], "intercut.versus/1");
    assert_eq!(summary["workload"]["frames"], 10_635);
    assert_eq!(summary["workload"]["frames_replaced"], 918);
    assert_eq!(summary["on_record"][0]["seconds"], 12.5);
    assert_eq!(summary["bars"].as_array().unwrap().len(), 0, "too small to be judged");
    let contenders = summary["contenders"].as_array().unwrap();
    let names: Vec<_> = contenders.iter().map(|line| line["name"].as_str().unwrap()).collect();
    let (raw, programs): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.starts_with("raw "));
    assert_eq!(raw.len(), 6, "{names:?}");
    assert_eq!(
        programs,
        [
            "intercut reflink",
            "intercut mapped",
            "intercut staged",
            "intercut kernel",
            "intercut buffered",
            "ffmpeg concat -c copy",
            "cp --reflink=never",
            "cp --reflink=auto",
            "dd oflag=direct",
        ]
    );
    for name in [raw[0], "intercut buffered", "ffmpeg concat -c copy", "cp --reflink=never"] {
        let line = contenders.iter().find(|line| line["name"] == name).unwrap();
        assert_eq!(line["refused"], Value::Null, "{name}");
        assert_eq!(line["seconds_by_round"].as_array().unwrap().len(), 1, "{name}");
        assert!(line["seconds"]["median"].as_f64().unwrap() > 0.0, "{name}");
        assert!(line["share_of_limit"]["median"].as_f64().unwrap() > 0.0, "{name}");
    }
    let limit = contenders.iter().find(|line| line["share_of_limit"]["median"] == 1.0);
    assert!(limit.is_some_and(|line| line["name"].as_str().unwrap().starts_with("raw ")));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<svg") && page.contains("cp --reflink=never"));
    assert!(!page.contains("http"), "the page needs nothing else");
    let left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "run"), "results are deleted: {left:?}");
}
