//! Every completion of a small run, made to fail in every way that the kernel has.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context as Spans, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::*;
use crate::control::Control;
use crate::measure::interval::IN_FLIGHT;
use crate::route::pool::Pool;
use crate::route::probe;
use crate::route::task::block_tasks;
use crate::route::{stage, workers};
use crate::schedule::{Schedule, ScheduleBuilder};
use crate::source::Source;
use crate::sys::platform;

/// Two sources, and a target on a filesystem that takes direct writes.
struct Bench {
    folder: tempfile::TempDir,
    sources: Vec<Source>,
    schedule: Schedule,
    expected: Vec<u8>,
}

/// What is to be read past the page cache, found by trying.
fn probed(context: &Context<'_>) -> Cold {
    Cold::probe(context).expect("the sources can be read")
}

/// What a run came to, and what is in the file.
struct Ended {
    carried: Result<Carried, IoError>,
    written: Vec<u8>,
    completions: usize,
    slabs_free: usize,
    /// How often there was none.
    misses: u64,
    /// Bytes that were left to another route.
    left_len: u64,
}

impl Bench {
    /// A header, bodies of both sources, small pieces between and behind them: two ranges, the first of them with several
    /// bodies and composed runs.
    fn new() -> Self {
        // Those at 100_000 and more lie in the target as they do in their source, by whole blocks.
        Self::of(&[
            (0, 1000, 1_500_000),
            (1, 5, 70_000),
            (1, 198_840, 400_000),
            (1, 90_000, 333),
            (0, 103_557, 2_600_000),
            (0, 77, 50_000),
        ])
    }

    /// More composed runs, between bodies, than four slabs have room for.
    fn larger() -> Self {
        let (mut pieces, mut position) = (Vec::new(), 1000);
        for n in 0..12 {
            let is_body = n % 2 == 1;
            let len = if is_body { 900_000 } else { 1_700_000 };
            let aside = if is_body { 0 } else { 7 };
            pieces.push((n / 2 % 2, position % 4096 + aside, len));
            position += len;
        }
        Self::of(&pieces)
    }

    /// A header of 1,000 bytes, then ranges of the two sources: `(source, offset, length)`.
    fn of(pieces: &[(u32, u64, u64)]) -> Self {
        // Beside the build, because a folder for temporary files may be in memory, where direct writes mean nothing.
        let disk = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tmp");
        fs::create_dir_all(disk).unwrap();
        let folder = tempfile::tempdir_in(disk).unwrap();
        let content = |seed: usize| -> Vec<u8> {
            (0..3_000_000).map(|i| u8::try_from((i * 7 + i / 251 + seed) % 256).unwrap()).collect()
        };
        let contents = [content(1), content(2)];
        let open = |index: usize| {
            let path = folder.path().join(format!("source {index}"));
            fs::write(&path, &contents[index]).unwrap();
            Source::open(&path).unwrap()
        };
        let sources = vec![open(0), open(1)];
        let mut builder = ScheduleBuilder::new(4096);
        let mut expected = Vec::new();
        builder.push_inline(&[9; 1000]);
        expected.extend([9; 1000]);
        for &(source, offset, len) in pieces {
            builder.push_source(SourceIndex(source), offset, len);
            let from = usize::try_from(offset).unwrap();
            let to = from + usize::try_from(len).unwrap();
            expected.extend(&contents[source as usize][from..to]);
        }
        let schedule = builder.finish();
        Self { folder, sources, schedule, expected }
    }

    /// Takes the sources out of the page cache.
    fn evict(&self) {
        for source in &self.sources {
            source.file().sync_all().unwrap();
            platform::drop_from_cache(source.file());
        }
    }

    fn target_path(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    /// Runs the schedule with `inject` between the kernel and the route; what is refused goes by threads.
    fn run(&self, route: Route, inject: impl FnMut(usize, &Op, i32) -> i32 + 'static) -> Ended {
        self.run_with(route, |_| Cold::default(), inject)
    }

    /// The same, where `cold` says what is read past the page cache.
    fn run_with(
        &self,
        route: Route,
        cold: impl Fn(&Context<'_>) -> Cold,
        mut inject: impl FnMut(usize, &Op, i32) -> i32 + 'static,
    ) -> Ended {
        let path = self.target_path();
        let file = fs::File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.unwrap();
        let (kind, _) = platform::filesystem(&file).unwrap();
        let direct = probe::direct(&file, kind, 4096).unwrap();
        let (pool, control) = (Pool::new(0).unwrap(), Control::default());
        let context = Context {
            schedule: &self.schedule,
            sources: &self.sources,
            target_path: &path,
            file: &file,
            direct: Some(&direct),
            pool: &pool,
            control: &control,
        };
        let mut ring = open(&context).unwrap();
        let count = Rc::new(Cell::new(0));
        let counter = Rc::clone(&count);
        ring.inject = Some(Box::new(move |op, answer| {
            counter.set(counter.get() + 1);
            inject(counter.get() - 1, op, answer)
        }));
        let mut carried =
            super::run(&context, ring, route, block_tasks(&self.schedule), &cold(&context));
        let mut left_len = 0;
        if let Ok(done) = &mut carried {
            let rest = std::mem::take(&mut done.left);
            left_len = rest.iter().map(|task| task.len_in(&self.schedule)).sum();
            let buffered = Context { direct: None, ..context };
            workers::run(&buffered, Route::Buffered, rest, 1).unwrap();
        }
        file.set_len(self.schedule.len()).unwrap();
        let mut written = vec![0; self.expected.len()];
        file.read_exact_at(&mut written, 0).unwrap();
        fs::remove_file(&path).unwrap();
        let misses = pool.stats().misses;
        let slabs_free = std::iter::from_fn(|| pool.try_take()).count();
        Ended { carried, written, completions: count.get(), slabs_free, misses, left_len }
    }

    /// Runs once for each completion, with `fault` in its place; checks that no slab is lost.
    fn with_each_completion(
        &self,
        route: Route,
        fault: fn(&Op, i32) -> i32,
        check: impl Fn(usize, Ended),
    ) {
        let completions = self.run(route, |_, _, answer| answer).completions;
        assert!(completions >= 5, "{completions}");
        for hit in 0..completions {
            let result = self
                .run(route, move |n, op, answer| if n == hit { fault(op, answer) } else { answer });
            assert_eq!(result.slabs_free, 4, "{route}, completion {hit}");
            check(hit, result);
        }
    }
}

const ROUTES: [Route; 2] = [Route::Mapped, Route::Staged];

#[test]
fn interrupted_and_short_transfers_are_completed() {
    let bench = Bench::new();
    let faults: [fn(&Op, i32) -> i32; 4] = [
        |_, _| -libc::EINTR,
        |_, _| -libc::EAGAIN,
        |op, _| i32::try_from(op.len() / 2 / 4096 * 4096).unwrap().max(1),
        |_, answer| answer - 1,
    ];
    for route in ROUTES {
        // A count that direct writes cannot go on from is refused by the disk, and falls back.
        for fault in faults {
            bench.with_each_completion(route, fault, |hit, result| {
                assert!(result.carried.is_ok(), "{route}, completion {hit}: {:?}", result.carried);
                assert!(result.written == bench.expected, "{route}, completion {hit}");
            });
        }
    }
}

#[test]
fn what_the_filesystem_refuses_midway_is_left_to_another_route() {
    let bench = Bench::new();
    for route in ROUTES {
        for fault in [|_: &Op, _| -libc::EINVAL, |_: &Op, _| -libc::EOPNOTSUPP] {
            bench.with_each_completion(route, fault, |hit, result| match result.carried {
                Ok(carried) => {
                    assert!(result.written == bench.expected, "{route}, completion {hit}");
                    assert_eq!(carried.refusals.len(), 1, "{route}, completion {hit}");
                }
                // A source that cannot be read is no refusal of the target's.
                Err(error) => assert!(error.to_string().contains("source"), "{error}"),
            });
        }
    }
}

#[test]
fn an_error_ends_the_run_and_names_the_file() {
    let bench = Bench::new();
    for route in ROUTES {
        bench.with_each_completion(
            route,
            |_, _| -libc::EIO,
            |hit, result| {
                let error = result.carried.unwrap_err().to_string();
                let named = error.contains("target") && error.starts_with("cannot write")
                    || error.contains("source") && error.starts_with("cannot read");
                assert!(named, "{route}, completion {hit}: {error}");
            },
        );
    }
}

#[test]
fn a_device_with_less_room_than_its_filesystem_sees_is_told_as_the_system_puts_it() {
    let bench = Bench::new();
    for route in ROUTES {
        let fault = |_: &Op, _| -libc::ENOSPC;
        bench.with_each_completion(route, fault, |hit, result| match result.carried {
            Err(IoError::Failed { action: "read" | "write", source, .. }) => {
                assert_eq!(source.raw_os_error(), Some(libc::ENOSPC));
            }
            other => panic!("{route}, completion {hit}: {other:?}"),
        });
    }
}

#[test]
fn a_transfer_of_nothing_is_an_end_not_a_loop() {
    let bench = Bench::new();
    for route in ROUTES {
        bench.with_each_completion(
            route,
            |_, _| 0,
            |hit, result| {
                let error = result.carried.unwrap_err();
                let told = matches!(
                    &error,
                    IoError::SourceTooShort { .. } | IoError::Failed { action: "write", .. }
                );
                assert!(told, "{route}, completion {hit}: {error}");
            },
        );
    }
}

#[test]
fn slabs_run_out_and_come_back() {
    let bench = Bench::larger();
    for route in ROUTES {
        let warm = bench.run(route, |_, _, answer| answer);
        bench.evict();
        let cold = bench.run_with(route, probed, |_, _, answer| answer);
        for ended in [&warm, &cold] {
            assert!(ended.written == bench.expected, "{route}");
            assert_eq!(ended.slabs_free, 4, "{route}");
            ended.carried.as_ref().unwrap();
        }
        assert!(warm.misses > 0, "{route}: {} completions", warm.completions);
        bench.with_each_completion(
            route,
            |_, _| -libc::EIO,
            |hit, result| assert!(result.carried.is_err(), "{route}, completion {hit}"),
        );
    }
}

/// What the spans of copies in flight tell.
#[derive(Debug, Default, Clone)]
struct Told(Arc<[AtomicU64; 3]>);

impl Told {
    /// Spans that began, that ended, and the bytes that they carried.
    fn sums(&self) -> [u64; 3] {
        [0, 1, 2].map(|index| self.0[index].load(Ordering::Relaxed))
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Told {
    fn on_new_span(&self, attributes: &Attributes<'_>, _id: &Id, _spans: Spans<'_, S>) {
        let is_copy = attributes.metadata().fields().field("carried").is_some();
        self.0[0].fetch_add(u64::from(is_copy), Ordering::Relaxed);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, spans: Spans<'_, S>) {
        // What was refused is carried by a thread, which tells of it in another way.
        if spans.metadata(id).is_some_and(|metadata| metadata.target() == IN_FLIGHT) {
            values.record(&mut self.clone());
        }
    }

    fn on_close(&self, id: Id, spans: Spans<'_, S>) {
        let is_copy = spans.metadata(&id).is_some_and(|it| it.fields().field("carried").is_some());
        self.0[1].fetch_add(u64::from(is_copy), Ordering::Relaxed);
    }
}

impl Visit for Told {
    fn record_u64(&mut self, _carried: &Field, value: u64) {
        self.0[2].fetch_add(value, Ordering::Relaxed);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        panic!("{field} is no number: {value:?}");
    }
}

#[test]
fn spans_tell_what_each_copy_carried_also_where_it_was_refused_midway() {
    let bench = Bench::new();
    for route in ROUTES {
        let completions = bench.run(route, |_, _, answer| answer).completions;
        for hit in 0..completions {
            let told = Told::default();
            let run = || {
                bench.run(route, move |n, op, answer| match (op.direction, n) {
                    (Direction::Read, _) => answer,
                    (Direction::Write, n) if n == hit => 4096,
                    (Direction::Write, n) if n > hit => -libc::EOPNOTSUPP,
                    (Direction::Write, _) => answer,
                })
            };
            let subscriber = Registry::default().with(told.clone());
            let carried = tracing::subscriber::with_default(subscriber, run).carried.unwrap();
            let [begun, ended, bytes] = told.sums();
            assert!(begun > 1 && begun == ended, "{route}, completion {hit}: {told:?}");
            let counted: u64 = carried.bytes_by_route.iter().sum();
            assert_eq!(bytes, counted, "{route}, completion {hit}: {:?}", carried.bytes_by_route);
        }
    }
}

/// Whether bytes of an operation are in a mapping.
fn maps(op: &Op) -> bool {
    op.memory.iter().any(|segment| matches!(segment.buffer, Buffer::Window { .. }))
}

/// The completions of `mapped` that are writes, each with the lengths of what it wrote.
fn writes(bench: &Bench) -> Vec<(usize, Vec<u32>)> {
    let writes = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&writes);
    let ended = bench.run(Route::Mapped, move |n, op, answer| {
        if op.direction == Direction::Write {
            let lens = op.memory.iter().map(|segment| segment.len).collect();
            seen.borrow_mut().push((n, lens));
        }
        answer
    });
    assert_eq!(ended.written, bench.expected);
    writes.take()
}

#[test]
fn neighbours_are_written_at_once() {
    let writes = writes(&Bench::new());
    let lens: Vec<_> = writes.into_iter().map(|(_, lens)| lens).collect();
    let first = [4096, 1_495_040, 73_728, 397_312, 4096, 2_220_032];
    assert_eq!(lens, [first.to_vec(), vec![376_832, 53_248]]);
}

#[test]
fn a_count_that_ends_anywhere_in_a_range_is_gone_on_from() {
    let bench = Bench::new();
    for (hit, lens) in writes(&bench) {
        let mut border = 0;
        for len in lens {
            for count in [border + 4096, border + (len / 8192).max(1) * 4096, border + len] {
                let count = i32::try_from(count).unwrap();
                let short = move |n, _: &Op, answer: i32| if n == hit { count } else { answer };
                let ended = bench.run(Route::Mapped, short);
                assert!(ended.written == bench.expected, "completion {hit}, {count} bytes");
                assert_eq!((ended.carried.unwrap().refusals.len(), ended.slabs_free), (0, 4));

                let refused = move |n, op: &Op, answer: i32| match n == hit {
                    true => count,
                    false if n > hit && op.direction == Direction::Write => -libc::EOPNOTSUPP,
                    false => answer,
                };
                let ended = bench.run(Route::Mapped, refused);
                assert!(ended.written == bench.expected, "completion {hit}, {count} bytes");
                let carried: u64 = ended.carried.unwrap().bytes_by_route.iter().sum();
                assert_eq!(carried + ended.left_len, bench.schedule.len(), "{hit}, {count}");
            }
            border += len;
        }
    }
}

#[test]
fn what_is_left_of_a_range_begins_where_its_write_stopped() {
    let bench = Bench::new();
    let (hit, lens) = writes(&bench).remove(0);
    // Into the second body by one block: the header's block, the first body and the run between are in place.
    let stop = lens[..3].iter().sum::<u32>() + 4096;
    let ended = bench.run(Route::Mapped, move |n, op, answer| match n == hit {
        true => i32::try_from(stop).unwrap(),
        false if n > hit && op.direction == Direction::Write => -libc::EOPNOTSUPP,
        false => answer,
    });
    let by_route = ended.carried.unwrap().bytes_by_route;
    assert_eq!(by_route[Route::Mapped as usize], 1_495_040 + 4096);
    assert_eq!(by_route[Route::Staged as usize], 4096 + 73_728);
}

#[test]
fn of_several_mappings_the_one_that_broke_is_named() {
    for broken in [0, 1] {
        let bench = Bench::new();
        let path = bench.sources[broken].path().to_owned();
        let ended = bench.run(Route::Mapped, move |_, op, answer| {
            let bodies = op.memory.iter().filter(|it| matches!(it.buffer, Buffer::Window { .. }));
            if bodies.count() < 2 {
                return answer;
            }
            fs::File::options().append(true).open(&path).unwrap().write_all(b"more").unwrap();
            -libc::EFAULT
        });
        let error = ended.carried.unwrap_err();
        assert!(error.to_string().contains(&format!("source {broken}")), "{error}");
        assert_eq!(ended.slabs_free, 4);
    }
}

#[test]
fn a_mapping_that_cannot_be_read_blames_the_source() {
    let bench = Bench::new();
    let fault = |op: &Op, answer| if maps(op) { -libc::EFAULT } else { answer };
    bench.with_each_completion(Route::Mapped, fault, |hit, result| {
        if let Err(error) = result.carried {
            let text = error.to_string();
            // All can be read in fact, so the first one is as good as any.
            assert!(text.contains("source 0"), "completion {hit}: {text}");
        } else {
            assert!(result.written == bench.expected, "completion {hit}");
        }
    });
}

#[test]
fn a_composed_run_reads_each_source_byte_into_its_place() {
    let bench = Bench::new();
    let (pool, control) = (Pool::new(0).unwrap(), Control::default());
    let file = fs::File::create(bench.target_path()).unwrap();
    let context = Context {
        schedule: &bench.schedule,
        sources: &bench.sources,
        target_path: &bench.target_path(),
        file: &file,
        direct: None,
        pool: &pool,
        control: &control,
    };
    let task = Task { target: 0, len: 4096, carry: Carry::Compose };
    let (mut bytes, mut parts) = (vec![0xee; 4096], Vec::new());
    stage::compose(&context, &task, &mut bytes, 0, &mut parts);
    assert_eq!(bytes[..1000], [9; 1000]);
    let part = Part { source: SourceIndex(0), offset: 1000, bytes: 1000..4096 };
    assert_eq!(parts, [part]);
}

#[test]
fn what_is_not_in_the_page_cache_is_read_past_it() {
    let bench = Bench::new();
    bench.evict();
    let ended = bench.run_with(Route::Mapped, probed, |_, _, answer| answer);
    assert_eq!(ended.written, bench.expected);
    let carried = ended.carried.unwrap();
    let cached = bench.sources.iter().map(|source| {
        platform::cached_bytes(source.file(), 0, source.len()).expect("the kernel tells")
    });
    // Only the ends of extents were read through it, with what the kernel reads around them.
    assert!(cached.sum::<u64>() < 1_000_000, "{carried:?}");
    assert_eq!(carried.bytes_by_route[Route::Mapped as usize], 0);
}

#[test]
fn direct_read_that_is_refused_goes_through_the_page_cache() {
    let bench = Bench::new();
    let direct = |op: &Op| op.direction == Direction::Read && op.file > 2;
    for errno in [libc::EINVAL, libc::EOPNOTSUPP] {
        bench.evict();
        let ended = bench.run_with(
            Route::Mapped,
            probed,
            move |_, op, answer| {
                if direct(op) { -errno } else { answer }
            },
        );
        assert_eq!(ended.written, bench.expected);
        assert_eq!(ended.slabs_free, 4);
        ended.carried.unwrap();
    }
}

#[test]
fn short_direct_read_goes_on_through_the_page_cache() {
    let bench = Bench::new();
    bench.evict();
    let ended = bench.run_with(Route::Staged, probed, |_, op, answer| {
        if op.direction == Direction::Read && op.file > 2 && answer > 1000 { 1000 } else { answer }
    });
    assert_eq!(ended.written, bench.expected);
    ended.carried.unwrap();
}

#[test]
fn direct_read_that_fails_ends_the_run_and_names_the_source() {
    let bench = Bench::new();
    bench.evict();
    let ended = bench.run_with(Route::Mapped, probed, |_, op, answer| {
        if op.direction == Direction::Read && op.file > 2 { -libc::EIO } else { answer }
    });
    let error = ended.carried.unwrap_err();
    assert!(error.to_string().starts_with("cannot read "), "{error}");
    assert_eq!(ended.slabs_free, 4);
}
