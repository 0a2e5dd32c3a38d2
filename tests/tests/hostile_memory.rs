//! What the worst files of ten megabytes cost: time, and memory by an allocator that counts. The test stands alone in its
//! file: memory is counted for the whole process.

use std::time::{Duration, Instant};

use intercut_engine::discover::open;
use intercut_engine::plan::{PlaceOptions, SplicePlan, plan};
use intercut_engine::verify::verify;
use intercut_io::{Cancel, Control};
use intercut_tests::hostile::judge::{Bytes, Company};
use intercut_tests::hostile::worst::{LEN_MAX, movies, plans};
use intercut_tests::media;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The longest that reading a movie or a plan may take.
const PARSE_MAX: Duration = Duration::from_secs(2);
/// The longest that a verification may take, or all the plans and layouts that [`Company::judge`] makes together.
const LATER_MAX: Duration = Duration::from_secs(8);
/// The most memory that reading a movie may take.
const PARSE_BYTES_MAX: usize = 64 << 20;

/// The most memory that planning, layout or verification may take: in proportion to the chunks that are in the file.
const LATER_BYTES_MAX: usize = 512 << 20;

/// Runs `call`; says how long it took, and how many bytes it had allocated at its peak.
fn measure<T>(call: impl FnOnce() -> T) -> (T, Duration, usize) {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let start = Instant::now();
    let result = call();
    (result, start.elapsed(), ALLOCATED.peak_usage() - before)
}

#[test]
fn worst_files_of_ten_megabytes_are_judged_at_once_and_in_little_memory() {
    let company = Company::default();
    let folder = tempfile::TempDir::with_prefix_in("worst-", media::tmp_dir()).expect("a folder");
    let path = folder.path().join("worst.mov");
    let mut failures = Vec::new();
    let mut check =
        |name: &str, what: &str, (took, bytes): (Duration, usize), max: (Duration, usize)| {
            let line = format!("{name}: {what} {took:.1?} and {} MiB", bytes >> 20);
            println!("{line}");
            if took > max.0 || bytes > max.1 {
                failures.push(line);
            }
        };
    for (name, bytes) in movies() {
        assert!(bytes.len() <= LEN_MAX, "{name} has {} bytes", bytes.len());
        let file = Bytes::whole(&bytes);
        let (parsed, took, grown) = measure(|| file.parse().map(drop));
        let what = match &parsed {
            Ok(()) => "read in".to_owned(),
            Err(error) => format!("refused ({error}) in"),
        };
        check(name, &what, (took, grown), (PARSE_MAX, PARSE_BYTES_MAX));
        if parsed.is_err() {
            continue;
        }
        let (verdict, took, grown) = measure(|| company.judge(file));
        let what = format!("{} plans, {} layouts in", verdict.planned, verdict.laid_out);
        check(name, &what, (took, grown), (LATER_MAX, LATER_BYTES_MAX));

        std::fs::write(&path, &bytes).expect("the file can be written");
        let opened = || open(&path, &Cancel::default()).expect("a movie");
        let (base, output) = (opened(), opened());
        let Ok(planned) = plan(&base, &[], &PlaceOptions::default(), 4096) else { continue };
        let control = Control::default();
        let (found, took, grown) = measure(|| verify(&output, &base, &[], &planned.plan, &control));
        let what = match found {
            Ok(found) => format!("{} samples, {} differ,", found.samples_checked, found.mismatches),
            Err(error) => format!("not verified ({error}) in"),
        };
        check(name, &what, (took, grown), (LATER_MAX, LATER_BYTES_MAX));
    }
    for (name, text) in plans() {
        let (read, took, grown) = measure(|| SplicePlan::from_json(&text));
        assert!(read.is_err(), "{name} are no plan");
        check(name, "refused in", (took, grown), (PARSE_MAX, PARSE_BYTES_MAX));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
