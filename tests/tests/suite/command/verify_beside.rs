//! `verify OUT` and `verify --each`: results are proved by what lies beside them.

use std::fs;

use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::oracle::reader::{Movie, to_usize};
use serde_json::Value;

const JOBS: &str = r#"
[defaults]
base = "base.mov"
clips = ["clip.mov"]

[[job]]
output = "finished/full.mov"
verify = "full"

[[job]]
output = "finished/plain.mov"
"#;

/// Two outputs of a batch, one with digests beside it and one without.
fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk.write("jobs.toml", JOBS);
    ends_with(&desk.intercut("batch jobs.toml"), 0);
    desk
}

fn object(desk: &Desk, command: &str, exit: i32) -> Value {
    let (out, _) = ends_with(&desk.intercut(command), exit);
    serde_json::from_str(&out).expect("one object and nothing else")
}

/// Flips a bit in the last picture of a movie of the desk.
fn damage(desk: &Desk, name: &str) {
    let movie = Movie::open(&desk.path(name)).expect("a movie");
    let at = to_usize(movie.tracks[0].samples[49].offset);
    let mut bytes = movie.bytes.clone();
    bytes[at + 9] ^= 1;
    fs::write(desk.path(name), bytes).expect("it can be written");
}

#[test]
fn output_of_a_batch_is_proved_by_the_digests_or_the_plan_beside_it() {
    let desk = desk();
    let by_digests = object(&desk, "verify finished/full.mov --json", 0);
    assert_eq!((&by_digests["by"], &by_digests["identical"]), (&"digests".into(), &true.into()));
    assert_eq!(by_digests["run"], "finished/full.mov.intercut.json");
    let by_sources = object(&desk, "verify finished/plain.mov --json", 0);
    assert_eq!((&by_sources["by"], &by_sources["identical"]), (&"sources".into(), &true.into()));
    assert_eq!(by_sources["samples_checked"], 96_051);

    fs::remove_file(desk.path("clip.mov")).expect("it is there");
    ends_with(&desk.intercut("verify finished/full.mov"), 0);
    let (_, err) = ends_with(&desk.intercut("verify finished/plain.mov"), 1);
    assert!(err.contains("clip.mov"), "{err}");
    damage(&desk, "finished/full.mov");
    let (out, _) = ends_with(&desk.intercut("verify finished/full.mov"), 1);
    assert!(out.contains("the samples of track 1 (video) differ"), "{out}");
}

#[test]
fn movie_that_nothing_lies_beside_cannot_be_proved_alone() {
    let desk = desk();
    let (_, err) = ends_with(&desk.intercut("verify base.mov"), 1);
    let expected = "cannot tell what base.mov was made of: base.mov.intercut.json does not exist";
    assert!(err.contains(expected), "{err}");
    desk.write("finished/plain.mov.intercut.json", "{}");
    let (_, err) = ends_with(&desk.intercut("verify finished/plain.mov"), 1);
    assert!(err.contains("cannot be understood by this version"), "{err}");
    ends_with(&desk.intercut("verify finished/plain.mov base.mov"), 2);
}

#[test]
fn each_result_of_a_folder_or_of_a_jobs_file_is_proved() {
    let desk = desk();
    for names in ["finished", "jobs.toml", "finished/full.mov finished/plain.mov"] {
        let all = object(&desk, &format!("verify --each {names} --json"), 0);
        assert_eq!(all["schema"], "intercut.verifications/1");
        let counts = ["identical", "different", "failed"].map(|key| all[key].as_u64());
        assert_eq!(counts, [Some(2), Some(0), Some(0)], "{names}: {all}");
        assert_eq!(all["movies"].as_array().map(Vec::len), Some(2), "{names}: {all}");
    }
    let (out, _) = ends_with(&desk.intercut("verify --each finished"), 0);
    assert!(out.ends_with("2 results: 2 identical, 0 different, 0 not proved\n"), "{out}");
}

#[test]
fn one_result_that_differs_or_cannot_be_proved_does_not_hide_the_others() {
    let desk = desk();
    damage(&desk, "finished/plain.mov");
    let names = "base.mov finished/plain.mov finished/full.mov";
    let all = object(&desk, &format!("verify --each {names} --json"), 1);
    let counts = ["identical", "different", "failed"].map(|key| all[key].as_u64());
    assert_eq!(counts, [Some(1), Some(1), Some(1)], "{all}");
    assert_eq!(all["movies"][0]["output"], "base.mov");
    assert!(all["movies"][0]["error"].as_str().is_some_and(|why| why.contains("does not exist")));
    assert_eq!(all["movies"][1]["first"]["sample"], 49);
    assert_eq!(all["movies"][2]["identical"], true);
}

#[test]
fn splice_with_a_sidecar_is_proved_alone_from_anywhere() {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk.ends("splice base.mov clip.mov -o out.mov --sidecar", 0);
    assert!(desk.path("out.mov.intercut.json").exists());
    let proved = desk.json("verify out.mov --json", 0);
    assert_eq!((&proved["by"], &proved["identical"]), (&"sources".into(), &true.into()));
    // The paths in it do not depend on where the splice was started.
    let elsewhere = Desk::empty();
    let command = format!("verify {} --json", desk.path("out.mov").display());
    assert_eq!(elsewhere.json(&command, 0)["identical"], true);

    desk.ends("splice base.mov clip.mov -o out.mov --sidecar --force --verify full", 0);
    assert_eq!(desk.json("verify out.mov --json", 0)["by"], "digests");
    damage(&desk, "out.mov");
    desk.ends("verify out.mov", 1);
}

#[test]
fn batch_knows_what_a_splice_with_a_sidecar_made() {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk.write(
        "jobs.toml",
        "[[job]]\nbase = \"base.mov\"\nclips = [\"clip.mov\"]\noutput = \"out.mov\"\n",
    );
    desk.ends("splice base.mov clip.mov -o out.mov", 0);
    let (_, err) = desk.ends("batch jobs.toml", 3);
    assert!(err.contains("nothing beside it says that an earlier batch made it"), "{err}");
    desk.ends("splice base.mov clip.mov -o out.mov --sidecar --force", 0);
    let (out, _) = desk.ends("batch jobs.toml --json", 0);
    assert!(out.contains("\"event\":\"skipped\""), "{out}");
}

#[test]
fn splice_that_is_refused_leaves_the_sidecar_of_the_movie_before() {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk.ends("splice base.mov clip.mov -o out.mov --sidecar", 0);
    let before = desk.read("out.mov.intercut.json");
    desk.ends("splice base.mov clip.mov -o out.mov --sidecar", 1);
    assert_eq!(desk.read("out.mov.intercut.json"), before);
    // A file of that name that is somebody else's is not replaced.
    desk.write("other.mov.intercut.json", "notes");
    desk.ends("splice base.mov clip.mov -o other.mov --sidecar", 2);
    assert_eq!(desk.read("other.mov.intercut.json"), "notes");
    assert!(!desk.path("other.mov").exists());
    desk.ends("splice base.mov clip.mov -o new.mov --sidecar --dry-run", 2);
}
