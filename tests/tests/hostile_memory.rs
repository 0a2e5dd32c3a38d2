//! What the worst files of ten megabytes cost: processor time, and memory by an allocator that counts. The test has a
//! binary of its own: both are counted for the whole process.

use std::time::Duration;

use intercut_engine::digest::Digest;
use intercut_engine::discover::{OpenMovie, open};
use intercut_engine::layout::{Layout, LayoutOptions};
use intercut_engine::movie::Movie;
use intercut_engine::plan::{ClipEdges, MovieFacts, PlaceOptions, Planned, SplicePlan, plan};
use intercut_engine::verify::{Algorithm, Digests, VerifyOptions, prove, verify};
use intercut_io::process::cpu_time;
use intercut_io::{Cancel, Control};
use intercut_tests::hostile::judge::{Bytes, Company};
use intercut_tests::hostile::seeds;
use intercut_tests::hostile::worst::{LEN_MAX, movies, plans};
use intercut_tests::media;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The most processor time that a step may take: reading the header, planning, laying out, verifying, hashing; or all the plans and
/// layouts that [`Company::judge`] makes, and looks at, together.
const TIME_MAX: Duration = Duration::from_secs(2);
/// The most memory that one step may take.
const BYTES_MAX: usize = 64 << 20;

/// What all threads of the test have taken of the processors so far.
fn processors() -> Duration {
    let (user, system) = cpu_time();
    user + system
}

/// Measures steps, and keeps those that cost too much.
#[derive(Default)]
struct Costs {
    too_much: Vec<String>,
}

impl Costs {
    /// Runs `call`; prints the processor time that it took, and how many bytes it had allocated at its peak.
    fn measure<T>(&mut self, what: &str, call: impl FnOnce() -> T) -> T {
        let before = ALLOCATED.current_usage();
        ALLOCATED.reset_peak_usage();
        let start = processors();
        let result = call();
        let (took, bytes) = (processors() - start, ALLOCATED.peak_usage() - before);
        let line = format!("{what}: {took:.1?} and {:.1} MiB", bytes as f64 / 1024.0 / 1024.0);
        println!("{line}");
        if took > TIME_MAX || bytes > BYTES_MAX {
            self.too_much.push(line);
        }
        result
    }

    /// Plans and lays out the first movie as the base of the others.
    fn plan_and_lay_out(&mut self, what: &str, base: &OpenMovie, clips: &[OpenMovie]) {
        let options = PlaceOptions { clip_edges: ClipEdges::Trim, ..PlaceOptions::default() };
        let planned = self.measure(&format!("{what}, planned"), || {
            let facts: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
            plan(&MovieFacts::of(base), &facts, &options, 4096)
        });
        let Ok(Planned { plan, clip_order }) = planned else { return };
        let clips: Vec<&Movie> = clip_order.iter().map(|&index| &clips[index].movie).collect();
        for faststart in [false, true] {
            let what = format!("{what}, laid out");
            let options = LayoutOptions { faststart };
            let layout = self.measure(&what, || Layout::new(&base.movie, &clips, &plan, options));
            match layout {
                Ok(layout) => println!("  {} extents", layout.extents().len()),
                Err(refused) => println!("  {refused}"),
            }
        }
    }
}

#[test]
fn worst_files_of_ten_megabytes_are_judged_at_once_and_in_little_memory() {
    let company = Company::default();
    let folder = tempfile::TempDir::with_prefix_in("worst-", media::tmp_dir()).expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let opened = |name: &str| open(&path(name), &Cancel::default()).expect("a movie");
    for (name, movie) in [("base.mov", seeds::base()), ("clip.mov", seeds::clip())] {
        movie.write(&path(name));
    }
    let none = Digests { algorithm: Algorithm::Xxh3_128, tracks: Vec::new(), file: Digest(0) };
    let mut costs = Costs::default();
    for (name, bytes) in movies() {
        assert!(bytes.len() <= LEN_MAX, "{name} has {} bytes", bytes.len());
        let file = Bytes::whole(&bytes);
        match costs.measure(&format!("{name}, read"), || file.parse().map(drop)) {
            Ok(()) => {}
            Err(refused) => {
                println!("  {refused}");
                continue;
            }
        }
        let start = processors();
        let verdict = company.judge(file);
        let took = processors() - start;
        println!("{name}: {verdict:?} in {took:.1?}");
        assert!(took < TIME_MAX, "{name}: {took:?}");

        std::fs::write(path("worst.mov"), &bytes).expect("the file can be written");
        let (worst, again) = (opened("worst.mov"), opened("worst.mov"));
        costs.plan_and_lay_out(&format!("{name}, alone"), &worst, &[]);
        costs.plan_and_lay_out(&format!("{name}, as the base"), &worst, &[opened("clip.mov")]);
        costs.plan_and_lay_out(&format!("{name}, as a clip"), &opened("base.mov"), &[again]);
        let Ok(planned) = plan(&MovieFacts::of(&worst), &[], &PlaceOptions::default(), 4096) else {
            continue;
        };
        let (output, control) = (opened("worst.mov"), Control::default());
        let found = costs.measure(&format!("{name}, verified"), || {
            verify(&output, &worst, &[], &planned.plan, VerifyOptions::default(), &control)
        });
        match found {
            Ok(found) => {
                println!("  {} samples, {} differ", found.samples_checked, found.mismatches);
            }
            Err(refused) => println!("  {refused}"),
        }
        let proved = costs.measure(&format!("{name}, hashed"), || prove(&output, &none, &control));
        if let Err(refused) = proved {
            println!("  {refused}");
        }
    }
    for (name, text) in plans() {
        let read = costs.measure(name, || SplicePlan::from_json(&text));
        assert!(read.is_err(), "{name} are no plan");
    }
    assert!(costs.too_much.is_empty(), "{}", costs.too_much.join("\n"));
}
