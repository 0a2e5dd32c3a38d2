//! What is refused, as people and as programs read it: codes, numbers and files with `--json`, and the plan of what could be
//! placed.

use std::fs;

use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::{Desk, ends_with};
use serde_json::{Value, json};

/// A base of 50 frames and two clips of which the second begins two frames before the first ends.
fn desk() -> Desk {
    let desk = Desk::default();
    fs::create_dir(desk.path("graded")).expect("a folder can be made");
    desk.clip("graded/one.mov", 90_007, 10);
    desk.clip("graded/two.mov", 90_015, 10);
    desk
}

#[test]
fn refusal_of_every_command_is_one_object_with_codes_numbers_and_advice() {
    let desk = desk();
    fs::copy(desk.path("base.mov"), desk.path("out.mov")).expect("it can be copied");
    for command in [
        "plan base.mov graded --json",
        "splice base.mov graded -o new.mov --json",
        "splice base.mov graded -o new.mov --json --dry-run --quiet",
        "verify out.mov base.mov graded --json",
    ] {
        let (out, err) = ends_with(&desk.intercut(command), 3);
        let object: Value = serde_json::from_str(&out).expect("one object and nothing else");
        assert_eq!(object["schema"], "intercut.refusal/1", "{command}");
        let refusals = object["refusals"].as_array().expect("a list");
        assert_eq!(refusals.len(), 1, "{command}: {out}");
        let refusal = &refusals[0];
        let facts = ["code", "record_timecode_in", "record_timecode_out", "frames"];
        let expected = [json!("overlap"), json!("01:00:00:15"), json!("01:00:00:17"), json!(2)];
        assert_eq!(facts.map(|fact| refusal[fact].clone()), expected, "{command}");
        let ends = |key: &str, end: &str| refusal[key].as_str().is_some_and(|s| s.ends_with(end));
        assert!(ends("path", "graded/two.mov") && ends("other", "graded/one.mov"), "{out}");
        let message = refusal["message"].as_str().expect("text");
        assert!(message.starts_with("it overlaps ") && err.contains(message), "{err}");
        assert!(refusal["help"].as_str().is_some_and(|help| err.contains(help)), "{out}");
    }
}

#[test]
fn folder_without_clips_is_refused_with_a_code() {
    let desk = Desk::default();
    fs::create_dir(desk.path("empty")).expect("a folder can be made");
    let (out, _) = ends_with(&desk.intercut("plan base.mov empty --json"), 3);
    let object: Value = serde_json::from_str(&out).expect("one object");
    assert_eq!(object["refusals"][0]["code"], "no_clips");
    let (out, _) = ends_with(&desk.intercut("plan base.mov empty"), 3);
    assert_eq!(out, "", "refusals are JSON with --json alone");
    for (command, code, message) in [
        (
            "batch --bases empty --clips . --out done --json",
            "no_bases",
            "there is no base in empty",
        ),
        (
            "batch --bases . --clips empty --out done --json",
            "no_clips",
            "there is no clip in empty",
        ),
    ] {
        let refused = desk.json(command, 3);
        let refusal = &refused["refusals"][0];
        assert_eq!((&refusal["code"], &refusal["message"]), (&code.into(), &message.into()));
    }
    let mut stray = MovieSpec::with_timecode(9, 500_000, vec![3000; 5]);
    stray.tracks[1].timecode_mut().reel = Some("B002".to_owned());
    desk.movie("stray/late.mov", &stray);
    for strict in ["", " --strict"] {
        let command = format!("batch --bases base.mov --clips stray --out done --json{strict}");
        let refused = desk.json(&command, 3);
        let clip = &refused["refusals"][1];
        assert_eq!((&clip["code"], &clip["path"]), (&"no_base".into(), &"stray/late.mov".into()));
        let message = clip["message"].as_str().expect("text");
        assert!(message.contains("is not in the base (01:00:00:00 to 01:00:02:00)"), "{message}");
    }
    let linked = desk.json("link --bases empty --clips . --json", 0);
    assert_eq!(linked["unlinked"][0]["reason"], "there is no base");
}

#[test]
fn refused_plan_shows_what_could_be_placed_before_it_refuses() {
    let desk = desk();
    desk.clip("graded/late.mov", 90_060, 5);
    let (out, err) = ends_with(&desk.intercut("plan base.mov graded"), 3);
    for name in ["one.mov", "two.mov"] {
        assert!(out.contains(name), "{name} is not in the table:\n{out}");
    }
    let claim = "01:00:00:15 to 01:00:00:17 (2 frames): one.mov and two.mov claim the same frames";
    assert!(out.contains(claim), "{out}");
    assert!(out.contains("\nclips ") && !out.contains("late.mov"), "{out}");
    assert!(
        err.contains("late.mov: its timecode ") && err.contains("two.mov: it overlaps"),
        "{err}"
    );
    assert!(err.ends_with("the plan is refused for 2 reasons; nothing was written\n"), "{err}");
}

#[test]
fn jobs_file_is_planned_job_by_job() {
    let desk = desk();
    let jobs = "[defaults]\nbase = \"base.mov\"\n\
                [[job]]\nclips = [\"graded/one.mov\"]\noutput = \"a.mov\"\n\
                [[job]]\nclips = [\"graded\"]\noutput = \"no/folder/b.mov\"\n";
    fs::write(desk.path("jobs.toml"), jobs).expect("it can be written");
    desk.write("a.mov", "an output that is there already, or something else");
    let (out, err) = ends_with(&desk.intercut("plan jobs.toml"), 3);
    assert_eq!(out.matches("50 frames at 25 fps").count(), 2, "{out}");
    assert!(err.contains("two.mov: it overlaps"), "{err}");
    let (out, _) = ends_with(&desk.intercut("plan jobs.toml --json"), 3);
    let objects: Vec<Value> = serde_json::Deserializer::from_str(&out)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("JSON");
    let schemas: Vec<&Value> = objects.iter().map(|object| &object["schema"]).collect();
    assert_eq!(schemas, ["intercut.plan/2", "intercut.refusal/1"]);
    // An option on the command line is for every job.
    let (out, _) = ends_with(&desk.intercut("plan jobs.toml --overlap last"), 0);
    assert!(out.contains("two.mov wins over one.mov"), "{out}");
    let (_, err) = ends_with(&desk.intercut("plan jobs.toml --at one.mov=01:00:00:00"), 2);
    assert!(err.contains("--at and --event do not say in which job"), "{err}");
    assert_eq!(desk.names(), ["a.mov", "base.mov", "graded", "jobs.toml"]);
}

#[test]
fn output_that_is_a_source_is_refused_and_nobody_proposes_force() {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    for source in ["base.mov", "clip.mov"] {
        for force in ["", " --force"] {
            let command = format!("splice base.mov clip.mov -o {source}{force}");
            let (_, err) = desk.ends(&command, 3);
            assert!(!err.contains("--force"), "{err}");
            let refused = desk.json(&format!("{command} --json"), 3);
            assert_eq!(refused["refusals"][0]["code"], "target_is_source");
        }
    }
}
