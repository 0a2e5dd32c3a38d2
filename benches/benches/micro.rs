//! Micro-benchmarks: parse, plan, layout, schedule, staged buffer, pictures.
//!
//! Each asserts at its end that the check values of all its iterations add up to what they should.

mod work;

use std::cell::RefCell;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use intercut_engine::picture::{Components, Planes, Size};
use intercut_io::Route;
use work::copies::{self, Copies};
use work::movies::Movies;
use work::pictures::Picture;

/// Two hours at 24 frames a second.
const FRAMES: u32 = 172_800;
/// Clips of 24 frames.
const CLIPS: u32 = 2000;
/// Pieces of a schedule.
const PIECES: u64 = 20_000;
/// Pieces that are carried out: 30 MB.
const PIECES_CARRIED: u64 = 5000;

fn movies(criterion: &mut Criterion) {
    let movies = Movies::new(FRAMES, CLIPS);
    let mut group = criterion.benchmark_group("two_hours");
    group.throughput(Throughput::Bytes(movies.header_len()));
    checked(&mut group, "parse", || movies.parse());
    group.throughput(Throughput::Elements(CLIPS.into()));
    checked(&mut group, "plan", || movies.plan());
    checked(&mut group, "layout", || movies.layout());
    group.finish();
}

fn copies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("copies");
    group.throughput(Throughput::Elements(PIECES));
    checked(&mut group, "schedule", || copies::schedule(PIECES).len());
    group.finish();
    let mut group = criterion.benchmark_group("staged_buffer");
    group.sample_size(20);
    let disk = Copies::new(Path::new(env!("CARGO_TARGET_TMPDIR")), PIECES_CARRIED);
    group.throughput(Throughput::Bytes(disk.len()));
    carried(&mut group, &disk, Route::Staged, "staged_on_disk");
    let memory = Copies::new(&std::env::temp_dir(), PIECES_CARRIED);
    carried(&mut group, &memory, Route::Buffered, "buffered_in_temporary_folder");
    group.finish();
}

fn pictures(criterion: &mut Criterion) {
    let picture = Picture::new(1920, 1080);
    let planes = RefCell::new(Planes::default());
    let mut group = criterion.benchmark_group("picture");
    group.throughput(Throughput::Bytes(picture.len()));
    let decode = |size, components| picture.decode(size, components, &mut planes.borrow_mut());
    checked(&mut group, "eighth_luma", || decode(Size::Eighth, Components::Luma));
    checked(&mut group, "quarter", || decode(Size::Quarter, Components::Color));
    checked(&mut group, "half", || decode(Size::Half, Components::Color));
    checked(&mut group, "full", || decode(Size::Full, Components::Color));
    group.finish();
}

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

/// Carries out copies by one route, where the filesystem has it; what the route writes is compared first.
fn carried(group: &mut Group<'_>, copies: &Copies, route: Route, name: &str) {
    match copies.compare(route) {
        Ok(Some(at)) => panic!("{name}: byte {at} is wrong"),
        Ok(None) => checked(group, name, || copies.execute(route).expect("it worked before")),
        Err(reason) => intercut_tests::skip::note(&format!("{route} route"), &reason),
    }
}

/// Measures `work`, whose check value is the same every time.
fn checked(group: &mut Group<'_>, name: &str, work: impl Fn() -> u64) {
    let (mut sum, mut count) = (0_u64, 0_u64);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let check = work();
            (sum, count) = (sum.wrapping_add(check), count + 1);
            check
        });
    });
    // Nothing was run where benchmarks are only listed; standard output belongs to the list then.
    if count > 0 {
        assert_eq!(sum, work().wrapping_mul(count), "{name}: an iteration did something else");
        eprintln!("{name}: check value {sum} over {count} iterations");
    }
}

criterion_group!(micro, movies, copies, pictures);
criterion_main!(micro);
