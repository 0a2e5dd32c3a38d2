//! `splice --trace`: the file is a trace that viewers draw, and it tells of every byte that was put in place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use intercut_tests::builder::{MovieSpec, TrackSpec, sparse};
use intercut_tests::interrupt::{Running, Signal, heeding};
use intercut_tests::older::{RING_FORBIDDEN, run_without};
use intercut_tests::program::intercut;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::{media, skip};
use serde_json::Value;
use tempfile::TempDir;

const ROUTES: [&str; 5] = ["reflink", "mapped", "staged", "kernel", "buffered"];

fn disk() -> TempDir {
    TempDir::with_prefix_in("trace-", media::tmp_dir()).expect("a folder")
}

/// A base of 200 pictures of 60 kB with sound once a second, and a clip of 30 pictures of 1 MB.
fn movies(folder: &Path) {
    let mut base = MovieSpec::with_timecode(1, 90_000, vec![60_000; 200]);
    base.tracks.push(TrackSpec::sound(200 * 1920, 48_000));
    base.write(&folder.join("base.mov"));
    MovieSpec::with_timecode(2, 90_050, vec![1_000_000; 30]).write(&folder.join("clip.mov"));
}

fn splice(folder: &Path, more: &str) -> Command {
    let mut command = Command::new(intercut());
    command.args("splice base.mov clip.mov -o out.mov --trace trace.json --json".split(' '));
    command.args(more.split_whitespace()).current_dir(folder);
    command
}

/// What a trace tells.
#[derive(Debug, Default)]
struct Told {
    /// How often each name began.
    begun: BTreeMap<String, u32>,
    /// Bytes put in place, by the name of the copy.
    carried: BTreeMap<String, u64>,
    /// The most copies that were in flight at a time.
    in_flight_max: usize,
    /// The last value of each counter, and the highest.
    counters: BTreeMap<String, (u64, u64)>,
    lanes: Vec<String>,
    /// Names of marks.
    marks: Vec<String>,
}

/// Reads a trace as a viewer does, and holds it to the rules of its format.
#[track_caller]
fn read(path: &Path) -> Told {
    let text = fs::read_to_string(path).expect("a trace was saved");
    let trace: Value = serde_json::from_str(&text).expect("a trace is JSON");
    let mut told = Told::default();
    let mut lanes: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut in_flight: BTreeMap<String, String> = BTreeMap::new();
    let (mut names, mut last_us) = (BTreeMap::new(), 0.0);
    for event in trace["traceEvents"].as_array().expect("a list of events") {
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let (phase, name) = (text("ph"), text("name"));
        assert!(event["pid"].is_u64() && !name.is_empty(), "{event}");
        if phase == "M" {
            let value = event["args"]["name"].as_str().expect("metadata is a name").to_owned();
            names.insert((name, event["tid"].as_u64()), value);
            continue;
        }
        let us = event["ts"].as_f64().expect("an event has a time");
        assert!(us >= last_us, "time goes back: {event}");
        last_us = us;
        let lane = event["tid"].as_u64().expect("an event has a lane");
        let open = lanes.entry(lane).or_default();
        let carried = event["args"]["carried"].as_u64();
        let id = event["id2"]["local"].as_str().unwrap_or_default().to_owned();
        match phase.as_str() {
            "B" => open.push(name.clone()),
            "E" => assert_eq!(open.pop().as_ref(), Some(&name), "lanes do not nest: {event}"),
            "b" => {
                assert!(!text("cat").is_empty());
                let before = in_flight.insert(id, name.clone());
                assert_eq!(before, None, "two in one place: {event}");
                told.in_flight_max = told.in_flight_max.max(in_flight.len());
            }
            "e" => assert_eq!(in_flight.remove(&id).as_ref(), Some(&name), "{event}"),
            "C" => {
                let values = event["args"].as_object().expect("a counter has values");
                let value = values.values().next().and_then(Value::as_u64).expect("a number");
                let (last, most) = told.counters.entry(name.clone()).or_default();
                (*last, *most) = (value, value.max(*most));
            }
            "i" => told.marks.push(name.clone()),
            other => panic!("{other} is no phase of ours: {event}"),
        }
        if let ("B" | "b", None) = (phase.as_str(), carried) {
            *told.begun.entry(name).or_default() += 1;
        } else if let ("E" | "e", Some(bytes)) = (phase.as_str(), carried) {
            *told.carried.entry(name).or_default() += bytes;
        }
    }
    assert!(in_flight.is_empty(), "never ended: {in_flight:?}");
    for (lane, open) in &lanes {
        assert!(open.is_empty(), "never ended: {open:?}");
        let name = names.get(&("thread_name".to_owned(), Some(*lane)));
        told.lanes.push(name.expect("a lane has a name").clone());
    }
    told
}

/// Runs a splice that succeeds; returns what its trace tells, which has to agree with its report.
#[track_caller]
fn traced(folder: &Path, command: &mut Command) -> Told {
    told_by(folder, &command.output().expect("the command runs"))
}

/// What the trace of such a run tells.
#[track_caller]
fn told_by(folder: &Path, output: &Output) -> Told {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let told = read(&folder.join("trace.json"));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    for route in ROUTES {
        let bytes = report["bytes_by_route"][route].as_u64().expect("bytes of each route");
        assert_eq!(told.carried.get(route).copied().unwrap_or(0), bytes, "{route}: {told:?}");
    }
    assert_eq!(told.counters["in flight"].0, 0);
    assert_eq!(told.counters["throughput"].0, 0);
    assert!(told.counters["throughput"].1 > 0);
    for once in ["plan", "layout", "render", "rename"] {
        assert_eq!(told.begun.get(once), Some(&1), "{once}: {told:?}");
    }
    for (name, times) in [("open", 2), ("parse", 2), ("sync", 2)] {
        assert_eq!(told.begun.get(name), Some(&times), "{name}: {told:?}");
    }
    assert_eq!(told.marks.iter().filter(|mark| *mark == "source").count(), 2);
    told
}

#[test]
fn copies_of_the_ring_are_in_flight_beside_one_another() {
    let folder = disk();
    movies(folder.path());
    for route in ["mapped", "staged"] {
        let more = format!("--force --route {route}");
        let told = traced(folder.path(), &mut splice(folder.path(), &more));
        assert!(told.in_flight_max > 1, "{route}: {told:?}");
        // Ten of 4 MiB, or forty slabs.
        assert!(told.counters["in flight"].1 > 4 << 20, "{told:?}");
        assert!(told.carried[route] > 40_000_000, "{route}: {told:?}");
        let (last, most) = told.counters["slabs"];
        assert!(last == 0 && most > 0, "{told:?}");
    }
}

#[test]
fn worker_threads_have_a_lane_each() {
    let folder = disk();
    movies(folder.path());
    for route in ["kernel", "buffered"] {
        let more = format!("--force --route {route}");
        let told = traced(folder.path(), &mut splice(folder.path(), &more));
        assert_eq!(told.in_flight_max, 0, "threads wait for their copies");
        assert!(told.lanes.contains(&"main".to_owned()), "{told:?}");
        assert!(told.lanes.contains(&"copy-2".to_owned()), "{told:?}");
        assert!(told.carried[route] > 40_000_000, "{route}: {told:?}");
    }
}

#[test]
fn direct_writes_without_io_uring_are_told_by_the_threads_that_make_them() {
    let folder = disk();
    movies(folder.path());
    for route in ["mapped", "staged"] {
        let command = splice(folder.path(), &format!("--force --route {route}"));
        let output = match run_without(&[RING_FORBIDDEN], command) {
            Ok(output) => output,
            Err(reason) => return skip::note("seccomp", &reason),
        };
        let told = told_by(folder.path(), &output);
        assert!(told.carried[route] > 40_000_000 && told.in_flight_max == 0, "{route}: {told:?}");
    }
}

#[test]
fn shared_blocks_are_told_as_carried() {
    for kind in [Filesystem::Xfs, Filesystem::Btrfs] {
        let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { return };
        movies(&mounted.path());
        let told = traced(&mounted.path(), &mut splice(&mounted.path(), "--route reflink"));
        assert!(told.carried["reflink"] > 40_000_000, "{told:?}");
    }
}

#[test]
fn waits_for_slabs_and_verification_are_intervals() {
    let folder = disk();
    movies(folder.path());
    let tight = "--force --route staged --memory 8 --verify full";
    let told = traced(folder.path(), &mut splice(folder.path(), tight));
    assert!(told.begun["stage_wait"] > 0, "{told:?}");
    assert_eq!((told.begun["verify"], told.begun["hash"]), (1, 1));
    assert!(told.lanes.contains(&"hash".to_owned()), "{told:?}");
    // Four slabs of two mebibytes.
    assert!(told.counters["slabs"].1 <= 4, "{told:?}");
}

#[test]
fn refused_run_leaves_a_trace_that_says_why() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Tmpfs, 128 << 20) else { return };
    movies(&mounted.path());
    let output = splice(&mounted.path(), "--route mapped").output().expect("the command runs");
    assert_eq!(output.status.code(), Some(1));
    let told = read(&mounted.path().join("trace.json"));
    assert!(told.marks.contains(&"route_refused".to_owned()), "{told:?}");
    assert!(!mounted.path().join("out.mov").exists());
}

#[test]
fn cancelled_run_leaves_a_trace_and_nothing_else() {
    let folder = disk();
    movies(folder.path());
    // 3 GB of hole: long enough to be interrupted.
    sparse::write(&folder.path().join("base.mov"), *b"ap4h", 90_000, 100, 30_000_000);
    let command = splice(folder.path(), "--route buffered");
    let mut running = Running::start(&mut heeding(&command));
    running.wait_until_written(50 << 20);
    let ended = running.interrupt(Signal::INT);
    assert_eq!(ended.output.status.code(), Some(130), "{ended:?}");
    let told = read(&folder.path().join("trace.json"));
    assert_eq!(told.counters["in flight"].0, 0, "{told:?}");
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder can be read")
        .map(|entry| entry.expect("it can be read").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["base.mov", "clip.mov", "trace.json"]);
}
