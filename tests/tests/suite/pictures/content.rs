//! `--check-content`: whether clips show what they replace. The whole table of scenes, treatments and offsets is made by
//! `cargo run --release -p intercut-tests --example content`.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use intercut_engine::Control;
use intercut_tests::content::{Case, FIRST, LEN};
use intercut_tests::desk::Desk;
use intercut_tests::media::shots::{Scene, TREATMENTS, Treatment};
use intercut_tests::oracle::content::offset;
use intercut_tests::oracle::reader::Movie;
use serde_json::{Value, json};

fn treatment(name: &str) -> Treatment {
    *TREATMENTS.iter().find(|treatment| treatment.name == name).expect("a treatment has this name")
}

fn case(scene: &str, treatment_name: &str, offset: i32) -> Case {
    let scene = Scene::named(scene);
    Case { base: scene, scene, treatment: treatment(treatment_name), offset }
}

/// What was found: the verdict, the offset, the note.
fn found(case: &Case) -> Value {
    let finding = serde_json::to_value(case.finding()).expect("a finding has a form in JSON");
    json!([finding["verdict"], finding["offset"], finding["note"]])
}

/// A desk with a base and a clip that goes to frame 30 + `offset` of it by its timecode.
fn desk(scene: &str, treatment_name: &str, late: u32) -> Desk {
    let desk = Desk::empty();
    let (scene, treatment) = (Scene::named(scene), treatment(treatment_name));
    fs::copy(scene.base(), desk.path("base.mov")).expect("a copy");
    fs::copy(scene.clip(&treatment, FIRST..FIRST + LEN), desk.path("clip.mov")).expect("a copy");
    let frame = FIRST + late;
    let jobs = format!(
        "[defaults]\ncheck-content = \"strict\"\n[[job]]\nbase = \"base.mov\"\noutput = \"out.mov\"\n\
         clips = [{{ path = \"clip.mov\", at = \"01:00:{:02}:{:02}\" }}]\n",
        frame / 25,
        frame % 25
    );
    desk.write("jobs.toml", jobs);
    desk
}

#[test]
fn graded_clips_fit_where_they_belong_and_are_shifted_by_so_many_frames_elsewhere() {
    assert_eq!(found(&case("hand-held", "night", 0)), json!(["fits", 0, null]));
    assert_eq!(found(&case("hand-held", "inverted", 0)), json!(["fits", 0, null]));
    for late in [-5, 2, 5] {
        assert_eq!(found(&case("hand-held", "night", late)), json!(["shifted", late, null]));
    }
    // Between two frames a hand moves as little as another framing does, so that one may not be told from the other.
    let one_early = found(&case("hand-held", "night", -1));
    let is_honest = [json!(["shifted", -1, null]), json!(["cannot_tell", null, null])];
    assert!(is_honest.contains(&one_early), "{one_early}");
}

#[test]
fn offset_has_the_sign_that_the_oracle_gives_it() {
    let (scene, grade) = (Scene::named("hand-held"), treatment("night"));
    let base = Movie::open(&scene.base()).expect("a movie");
    let clip = Movie::open(&scene.clip(&grade, FIRST..FIRST + LEN)).expect("a movie");
    // The event begins at 33, the clip's first picture is what the base shows at 30.
    assert_eq!(offset(&base, &clip, 33), 3);
    assert_eq!(found(&case("hand-held", "night", 3)), json!(["shifted", 3, null]));
}

#[test]
fn reframed_and_mirrored_clips_are_no_wrong_ones() {
    assert_eq!(found(&case("hand-held", "larger by 10 %", 0)), json!(["fits", 0, "resized"]));
    assert_eq!(found(&case("hand-held", "flopped", 0)), json!(["fits", 0, "mirrored"]));
    assert_eq!(
        found(&case("hand-held", "turned by 180 degrees", 0)),
        json!(["fits", 0, "mirrored"])
    );
}

#[test]
fn nothing_is_said_of_what_does_not_move_and_of_what_is_not_there() {
    for late in [0, 3] {
        let nothing = json!(["cannot_tell", null, null]);
        assert_eq!(found(&case("static", "warm S-curve", late)), nothing);
    }
    let scene = Scene::named("hand-held");
    let blank = Case { base: Scene::named("black"), ..case("hand-held", "as it is", 0) };
    assert_eq!(found(&blank), json!(["no_reference", null, null]));
    let other = Case { base: Scene::named("life"), scene, ..blank };
    assert_eq!(found(&other), json!(["other", null, null]));
}

#[test]
fn shifted_clip_is_a_warning_with_the_frame_that_it_belongs_to() {
    let desk = desk("hand-held", "night", 3);
    let line = "plan base.mov clip.mov --at clip.mov=01:00:01:08";
    let (plan, said) = desk.ends(&format!("{line} --check-content"), 0);
    let warning = "clip.mov: its pictures at 01:00:01:08 (frame 33) belong 3 frames earlier, at 01:00:01:05 (frame 30)";
    assert!(said.contains(warning), "{said}");
    assert!(plan.contains("belong 3 frames earlier"), "{plan}");
    let plan = desk.json(&format!("{line} --check-content=warn --json"), 0);
    assert_eq!(plan["content"].as_array().map(Vec::len), Some(1));
    let finding = &plan["content"][0];
    assert_eq!((&finding["event"], &finding["offset"]), (&json!(0), &json!(3)));
    assert!(finding["margin"].as_f64().is_some_and(|margin| margin > 0.2), "{finding}");
    assert!(desk.json(&format!("{line} --json"), 0).get("content").is_none());
    // A value without the sign is a clip.
    desk.ends(&format!("{line} --check-content strict"), 1);
}

#[test]
fn strict_check_refuses_before_anything_is_written() {
    let desk = desk("hand-held", "night", 3);
    let line = "base.mov clip.mov --at clip.mov=01:00:01:08 --check-content=strict --json";
    let before = fs::read(desk.path("base.mov")).expect("it is there");
    for command in ["splice -o out.mov", "insert", "plan"] {
        let refused = desk.json(&format!("{command} {line}"), 3);
        let refusal = &refused["refusals"][0];
        assert_eq!(refusal["code"], "content_shifted");
        assert_eq!((&refusal["offset"], &refusal["frame"]), (&json!(3), &json!(33)));
        assert_eq!(refusal["shown_timecode"], "01:00:01:05");
        assert!(refusal["help"].as_str().is_some_and(|help| help.contains("--at")), "{refusal}");
    }
    assert_eq!(desk.names(), ["base.mov", "clip.mov", "jobs.toml"]);
    // A batch notes the try, and nothing else.
    desk.ends("batch jobs.toml", 3);
    assert_eq!(desk.names(), ["base.mov", "clip.mov", "jobs.toml", "out.mov.intercut.json"]);
    assert!(fs::read(desk.path("base.mov")).expect("it is there") == before);
}

#[test]
fn report_has_the_findings_and_how_many_samples_were_read() {
    let desk = desk("hand-held", "night", 0);
    let report = desk
        .json("splice base.mov clip.mov -o out.mov --check-content --report page.html --json", 0);
    assert_eq!(report["content"][0]["verdict"], "fits");
    // Three places: 9 frames of the base at two of them, 18 at the other, 3 of the clip at each.
    assert_eq!(report["content_check"]["samples"], 45);
    assert!(desk.read("page.html").contains("<td>fit</td>"));
    let (said, _) = desk.ends("splice base.mov clip.mov -o again.mov --check-content", 0);
    assert!(said.contains("1 of 1 event fit; 45 samples looked at"), "{said}");
}

#[test]
fn progress_never_goes_back_and_comes_to_its_end_however_far_the_check_looks() {
    for late in [0, 3] {
        let control = Control::default();
        let progress = &control.progress;
        let is_over = AtomicBool::new(false);
        let seen: Vec<(u64, u64)> = thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut seen = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let total = progress.bytes_total();
                    seen.extend((total > 0).then(|| (total, progress.bytes_done())));
                    thread::yield_now();
                }
                seen
            });
            case("hand-held", "night", late).plan_watched(&control);
            is_over.store(true, Ordering::Relaxed);
            watching.join().expect("it only looks")
        });
        let end = (progress.bytes_total(), progress.bytes_done());
        assert!(end.0 > 0 && end.0 == end.1, "{late}: {end:?}");
        assert!(seen.iter().all(|(total, _)| *total == end.0), "{late}: the total is known once");
        assert!(seen.is_sorted_by_key(|(_, done)| *done), "{late}");
    }
}

#[test]
fn saved_plan_keeps_what_was_found() {
    let desk = desk("hand-held", "night", 3);
    let line = "base.mov clip.mov --at clip.mov=01:00:01:08 --check-content";
    desk.ends(&format!("splice {line} -o out.mov --dry-run --save-plan plan.json"), 0);
    let report = desk.json("splice --plan plan.json -o out.mov --json", 0);
    assert_eq!(report["content"][0]["verdict"], "shifted");
    assert!(report.get("content_check").is_none(), "no picture was looked at again");
    let refused = desk.json("splice --plan plan.json -o b.mov --check-content=strict --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "content_shifted");
}

#[test]
fn batch_looks_at_the_pictures_of_jobs_that_are_made_and_of_no_others() {
    let desk = desk("hand-held", "night", 0);
    desk.ends("batch jobs.toml", 0);
    let sidecar: Value =
        serde_json::from_str(&desk.read("out.mov.intercut.json")).expect("a sidecar");
    assert_eq!(sidecar["plan"]["content"][0]["verdict"], "fits");
    let (said, _) = desk.ends("batch jobs.toml --json", 0);
    assert!(said.contains("\"skip\"") || said.contains("skipped"), "{said}");
}

#[test]
fn list_that_cuts_beside_the_base_is_a_warning_and_one_that_cuts_with_it_is_none() {
    let desk = desk("cuts", "warm S-curve", 0);
    let list = |first: &str| {
        format!(
            "TITLE: T\nFCM: NON-DROP FRAME\n001  CLIP V C {first} 01:00:03:00 {first} 01:00:03:00\n\
             * FROM CLIP NAME: clip.mov\n"
        )
    };
    // The base cuts at frame 55.
    desk.write("beside.edl", list("01:00:02:03"));
    desk.write("with.edl", list("01:00:02:05"));
    let line = "plan base.mov clip.mov --check-content --edl";
    let (_, said) = desk.ends(&format!("{line} beside.edl"), 0);
    let warning = "event 001 begins at 01:00:02:03, and the base cuts 2 frames later";
    assert!(said.contains(warning), "{said}");
    let (_, said) = desk.ends(&format!("{line} with.edl"), 0);
    assert!(!said.contains("the base cuts"), "{said}");
}
