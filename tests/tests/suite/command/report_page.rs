//! The report page as a browser shows it: `splice --report`, `batch --report` and `report RUN.json` make a page that opens
//! without a word on the console, fits a narrow window, and shows names as names.

use std::fs;
use std::path::Path;

use intercut_tests::browser::look_at;
use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::media::ffmpeg::Sound;
use intercut_tests::media::seed;
use serde_json::{Value, json};

/// A name that would do harm if it were not escaped.
const HOSTILE: &str = "<script><img src=x onerror=\"document.title='taken'\">&.mov";

/// Opens all that is folded, presses the key End on every chart, and writes down what only a browser knows.
const LOOK: &str = "
    const rows = [...page.querySelectorAll('summary.row')].map((row) => row.innerText);
    page.querySelectorAll('details').forEach((details) => { details.open = true; });
    const lines = [...page.querySelectorAll('.plot')].map((plot) => {
        plot.dispatchEvent(new frame.KeyboardEvent('keydown', { key: 'End' }));
        return plot.parentNode.querySelector('.readout').textContent;
    });
    const needed = page.documentElement.scrollWidth;
    return { needed, title: page.title, clips: page.querySelectorAll('.item.clip').length, lines, rows };";

/// A folder with a base of 50 frames and a clip of five.
fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk
}

/// The report object of a splice of the two movies.
fn report_of(desk: &Desk) -> Value {
    desk.json("splice base.mov clip.mov -o out.mov --json --verify full", 0)
}

/// The page of a report object.
fn page_of(desk: &Desk, report: &Value) -> String {
    desk.write("run.json", report.to_string());
    desk.ends("report run.json -o page.html", 0);
    desk.read("page.html")
}

/// A page as a browser shows it.
struct Seen {
    title: String,
    /// Frames of clips that are drawn.
    clips: u64,
    /// What is under each chart.
    lines: Vec<String>,
    /// What the row of each job says.
    rows: Vec<String>,
}

/// Opens `page` and all that is folded in it, in a frame 400 pixels wide; asserts that the console stays empty and that
/// nothing sticks out. `None` where there is no Chromium.
fn open(page: &str, folder: &Path) -> Option<Seen> {
    let seen = look_at(page, folder, LOOK)?;
    let number = |name: &str| seen[name].as_u64().expect("a number");
    assert!(number("needed") <= 400, "it sticks out: {}", number("needed"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let texts = |name: &str| seen[name].as_array().expect("a list").iter().map(text).collect();
    Some(Seen {
        title: text(&seen["title"]),
        clips: number("clips"),
        lines: texts("lines"),
        rows: texts("rows"),
    })
}

#[test]
fn seed_workload_has_a_page_that_opens_and_fits_a_narrow_window() {
    let desk = desk();
    let paths: Vec<String> = [seed::base(Sound::None)]
        .into_iter()
        .chain(seed::clips())
        .map(|path| path.to_str().expect("UTF-8").to_owned())
        .collect();
    let options = ["-o", "out.mov", "--verify", "full", "--report", "page.html"];
    let arguments = ["splice"].into_iter().chain(paths.iter().map(String::as_str)).chain(options);
    ends_with(&desk.command("").args(arguments).output().expect("the command runs"), 0);
    let page = desk.read("page.html");
    assert!(page.len() < 700_000, "{} bytes", page.len());
    // Six pictures of each clip, which are 64 pixels wide.
    assert_eq!(page.matches("<img").count(), 78);
    assert!(!page.contains("http:") && !page.contains("https:"), "the page needs a network");
    let sections = [
        "Timeline",
        "Pictures at the cuts",
        "Verification",
        "How it was made",
        "For the engineer",
        "Where the time went",
        "Throughput over the run",
        "Latency",
        "Bytes by route",
        "Memory and processor",
    ];
    let places = sections.map(|heading| page.find(&format!("<h2>{heading}</h2>")));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{sections:?}: {places:?}");
    let verdict = page.find("13 of 13 clips placed, every frame verified");
    assert!(verdict.is_some() && verdict < places[0], "the verdict comes first");
    assert!(page.contains("918 frames") && page.contains("26 splice points"), "what was done");
    assert!(page.contains("<time datetime=\"20"), "when it was");
    let Some(seen) = open(&page, desk.folder()) else { return };
    let lines = seen.lines;
    assert_eq!((seen.title.as_str(), seen.clips, lines.len()), ("out.mov - intercut", 13, 3));
    assert!(lines[0].contains("S13.mov\n01:06:59:22 to 01:07:02:13"), "{lines:?}");
    assert!(lines[1].contains(": verified at "), "{lines:?}");
    assert!(lines[2].contains("were no longer than: write "), "{lines:?}");
}

#[test]
fn two_thousand_clips_of_hostile_names_have_a_page_of_a_sensible_size() {
    let desk = desk();
    let mut report = report_of(&desk);
    let (clip, event) = (report["clips"][0].clone(), report["events"][0].clone());
    let clips = (0..2000).map(|n| {
        let mut clip = clip.clone();
        clip["path"] = json!(format!("/graded/{n} {HOSTILE}"));
        clip
    });
    let events = (0..2000).map(|n| {
        let mut event = event.clone();
        (event["record_in"], event["record_out"]) = (json!(n * 20), json!(n * 20 + 12));
        event["clip"] = json!(n);
        event
    });
    report["clips"] = clips.collect();
    report["events"] = events.collect();
    report["base"]["frames"] = json!(40_000);
    report["output"]["path"] = json!(HOSTILE);
    report["warnings"] = json!([HOSTILE]);
    let page = page_of(&desk, &report);
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
    assert!(!page.contains("<img"), "a name is an element");
    let Some(seen) = open(&page, desk.folder()) else { return };
    assert_eq!((seen.title, seen.clips), (format!("{HOSTILE} - intercut"), 2000));
    assert!(seen.lines[0].starts_with(&format!("2000  1999 {HOSTILE}\n")), "{:?}", seen.lines);
}

/// Two jobs, the second of which is refused: its clip would go where no base is.
const JOBS: &str = "
[[job]]
base = \"base.mov\"
clips = [\"clip.mov\"]
output = \"done/out.mov\"
verify = \"full\"
[[job]]
base = \"base.mov\"
clips = [{ path = \"clip.mov\", at = \"02:00:00:00\" }]
output = \"done/refused.mov\"
";

#[test]
fn batch_has_a_page_with_a_row_a_job_whatever_became_of_it() {
    let desk = desk();
    desk.write("jobs.toml", JOBS);
    let batch = "batch jobs.toml --keep-going --report done/page.html --no-pictures --json";
    let (out, _) = desk.ends(batch, 3);
    let page = desk.read("done/page.html");
    desk.write("lines.json", &out);
    desk.ends("report lines.json -o page.html", 0);
    let made = desk.read("page.html");
    assert!(page == made, "what was saved makes another page");
    if let Some(seen) = open(&page, desk.folder()) {
        assert_eq!((seen.title.as_str(), seen.clips), ("2 jobs - intercut", 1));
        let rows: Vec<String> = seen.rows.iter().map(|row| row.replace('\n', " ")).collect();
        assert!(rows[0].starts_with("done out.mov base.mov"), "{rows:?}");
        assert!(rows[0].contains("all equal"), "{rows:?}");
        assert!(rows[1].starts_with("refused refused.mov base.mov"), "{rows:?}");
        assert!(rows[1].contains("clip.mov: "), "{rows:?}");
    }
    // The next night nothing is to be done.
    desk.ends(batch, 3);
    let page = desk.read("done/page.html");
    assert!(page.contains("nothing changed since it was made"), "{page}");
}

#[test]
fn forty_jobs_of_thirteen_clips_have_a_page_of_a_sensible_size() {
    let desk = desk();
    desk.write("jobs.toml", JOBS);
    let (out, _) = desk.ends("batch jobs.toml --keep-going --json", 3);
    let last = out.lines().last().expect("a summary");
    let mut batch: Value = serde_json::from_str(last).expect("an object");
    let mut job = batch["jobs"][0].clone();
    let events = vec![job["report"]["events"][0].clone(); 13];
    job["report"]["events"] = json!(events);
    let points = |from: u32| -> Vec<Value> {
        (0..2000).map(|n| json!({"seconds": f64::from(from + n) * 0.01, "bytes": n})).collect()
    };
    job["report"]["throughput"] = json!({"written": points(0), "verified": points(2000)});
    job["output"] = json!(HOSTILE);
    batch["jobs"] = json!(vec![job; 40]);
    desk.write("lines.json", batch.to_string());
    desk.ends("report lines.json -o page.html", 0);
    let page = desk.read("page.html");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(!page.contains("<img"), "a name is an element");
    let Some(seen) = open(&page, desk.folder()) else { return };
    assert_eq!((seen.rows.len(), seen.clips), (40, 40 * 13));
    assert!(seen.rows[39].contains(HOSTILE), "{:?}", seen.rows[39]);
}

#[test]
fn what_is_no_report_has_no_page_and_the_reason_is_told() {
    let desk = desk();
    let line = r#"{"event": "planned", "job": 0}"#;
    let found = [
        ("", "is not the report of a run: EOF"),
        ("[1, 2]", "is not the report of a run: "),
        (line, "ends before its batch did"),
        (r#"{"schema": "intercut.batch/2", "jobs": 3}"#, "is not the report of a batch: "),
        (
            r#"{"schema": "intercut.batch/1", "jobs": 3}"#,
            "cannot be used: its schema is 'intercut.batch/1', not 'intercut.batch/2'",
        ),
        (
            r#"{"schema": "intercut.plan/1"}"#,
            "cannot be used: its schema is 'intercut.plan/1', not",
        ),
    ];
    for (text, expected) in found {
        desk.write("run.json", text);
        let (_, err) = desk.ends("report run.json -o page.html", 1);
        assert!(err.contains(&format!("run.json {expected}")), "{text}: {err}");
    }
    assert!(!desk.path("page.html").exists(), "a page of nothing");
}

#[test]
fn report_of_an_older_form_is_refused_by_both_names() {
    let desk = desk();
    let mut report = report_of(&desk);
    report["schema"] = "intercut.report/1".into();
    desk.write("run.json", report.to_string());
    let (_, err) = desk.ends("report run.json -o page.html", 1);
    let reason = "its schema is 'intercut.report/1', not 'intercut.report/2'";
    assert!(err.contains(&format!("run.json cannot be used: {reason}")), "{err}");
    assert!(!desk.path("page.html").exists());
}

#[test]
fn page_never_takes_the_place_of_a_movie_or_of_anything_else() {
    let desk = desk();
    for taken in ["base.mov", "clip.mov"] {
        let command = format!("splice base.mov clip.mov -o out.mov --report {taken}");
        let (_, err) = desk.ends(&command, 2);
        assert!(err.contains(&format!("{taken} is a source or the output")), "{err}");
    }
    desk.write("notes.txt", "mine");
    let (_, err) = desk.ends("splice base.mov clip.mov -o out.mov --report notes.txt", 2);
    assert!(err.contains("notes.txt exists and is not a page of intercut"), "{err}");
    assert_eq!(fs::read(desk.path("notes.txt")).expect("it is there"), b"mine");
    let (_, err) = desk.ends("splice base.mov clip.mov -o out.mov --report no/page.html", 1);
    assert!(err.contains("cannot save no/page.html"), "{err}");
    assert!(!desk.path("out.mov").exists(), "something was copied");
    desk.write("jobs.toml", JOBS);
    for taken in ["base.mov", "done/out.mov"] {
        let command = format!("batch jobs.toml --keep-going --report {taken}");
        let (_, err) = desk.ends(&command, 2);
        assert!(err.contains(&format!("{taken} is a source or the output")), "{err}");
    }
    assert!(!desk.path("done").exists(), "something was made");
    desk.ends("report notes.txt -o page.html", 1);
    assert!(!desk.path("page.html").exists(), "a page of nothing");
}

#[test]
fn report_and_page_say_how_the_clips_were_placed() {
    let desk = desk();
    desk.clip("other.mov", 0, 9);
    let command = "splice base.mov clip.mov other.mov -o out.mov --at other.mov=01:00:01:00 --handles 1 --overlap last \
                   --allow reel,growing --save-plan plan.json --json";
    let report = desk.json(command, 0);
    let placing = &report["options"]["placing"];
    assert_eq!(placing["at"], json!({"other.mov": "01:00:01:00"}));
    let told = ["handles", "overlap", "allow", "edl", "skip_refused"].map(|key| &placing[key]);
    assert_eq!(json!(told), json!([1, "last", ["growing", "reel"], [], false]));
    let page = page_of(&desk, &report);
    for row in [
        "<th>at</th><td>other.mov = 01:00:01:00</td>",
        "<th>handles</th><td>1 frame</td>",
        "<th>allow</th><td>growing, reel</td>",
    ] {
        assert!(page.contains(row), "{row}");
    }
    assert!(!page.contains("<th>skip refused</th>"));

    let replayed = desk.json("splice --plan plan.json -o again.mov --json", 0);
    assert_eq!(replayed["options"]["placing"], Value::Null);
    assert!(page_of(&desk, &replayed).contains("<th>placing</th><td>by a saved plan</td>"));

    desk.write(
        "jobs.toml",
        "[[job]]\nbase = \"base.mov\"\nclips = [{ path = \"clip.mov\", handles = 1 }]\noutput = \"batch/out.mov\"\n\
         versions = \"latest\"\n",
    );
    let (out, _) = desk.ends("batch jobs.toml --json", 0);
    let summary: Value =
        serde_json::from_str(out.lines().last().expect("a summary")).expect("JSON");
    let placing = &summary["jobs"][0]["report"]["options"]["placing"];
    assert_eq!(placing["versions"], "latest");
    assert_eq!(placing["clips"][0]["handles"], 1);
    assert!(placing["clips"][0]["path"].as_str().expect("a path").ends_with("clip.mov"));
}

#[test]
fn ruler_of_the_page_has_the_labels_of_the_plan_whatever_the_timecode_counts() {
    use intercut_tests::builder::{Rate, Timeline};
    let desk = Desk::empty();
    // Pictures at 60, timecode that counts 30: a second has 30 labels.
    let rate = Rate::new(60, 1, 30, false);
    let movie = |seed, start, pictures| {
        let mut line = Timeline::new(seed, rate, start, pictures);
        line.timecode.stated = (30, 1);
        line.spec()
    };
    desk.movie("base.mov", &movie(1, 3600 * 30, 600));
    desk.movie("clip.mov", &movie(2, 3600 * 30 + 15, 60));
    let report = desk.json("splice base.mov clip.mov -o out.mov --json", 0);
    let page = page_of(&desk, &report);
    assert_eq!(report["events"][0]["record_in"], 30);
    for label in ["01:00:00:15", "01:00:02:00", "01:00:08:00"] {
        assert!(page.contains(label), "{label}");
    }
}
