//! Every completion of a small run, made to fail in every way that the kernel has.

mod bench;

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use super::*;
use crate::control::Control;
use crate::route::pool::Pool;
use crate::route::stage;
use crate::route::task::TaskBytes;
use crate::schedule::{ScheduleBuilder, SourceIndex};
use crate::source::Made;
use crate::sys::platform;
use crate::sys::ring::HANDED_OVER;
use bench::{Bench, Told, probed};

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
                // A source that cannot be read is not a refusal of the target's.
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
            Err(IoError::Failed { action: "write", source, .. }) => {
                assert_eq!(source.raw_os_error(), Some(libc::ENOSPC));
            }
            // A read that answers so is another route's to try.
            Ok(carried) if carried.refusals[0].starts_with("a read") => {
                assert!(result.written == bench.expected, "{route}, completion {hit}");
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
            |hit, result| match result.carried {
                // A write of nothing is left to another route.
                Ok(carried) => {
                    assert_eq!(carried.refusals.len(), 1, "{route}, completion {hit}");
                    assert!(result.written == bench.expected, "{route}, completion {hit}");
                }
                Err(error) => {
                    let is_end = matches!(error, IoError::SourceTooShort { .. });
                    assert!(is_end, "{route}, completion {hit}: {error}");
                }
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
            assert_eq!(ended.slabs_free, 3, "{route}");
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

/// Frames that note how many writes the kernel had when each part of them was made.
#[derive(Debug, Default)]
struct Noting(Mutex<Vec<usize>>);

impl Made for Noting {
    fn len(&self) -> u64 {
        3 * SLAB_LEN as u64
    }

    fn fill(&self, _offset: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        self.0.lock().unwrap().push(HANDED_OVER.get());
        bytes.fill(7);
        Ok(())
    }
}

#[test]
fn what_is_composed_is_handed_over_before_the_next_is_composed() {
    let made = Arc::new(Noting::default());
    let mut schedule = ScheduleBuilder::new(4096);
    schedule.push_made(SourceIndex(0), 0, made.len());
    let bench = Bench {
        sources: vec![Source::made(Path::new("made"), Arc::clone(&made) as _)],
        schedule: schedule.finish(),
        expected: vec![7; 3 * SLAB_LEN],
        ..Bench::new()
    };
    let ended = bench.run(Route::Staged, |_, _, answer| answer);
    assert!(ended.carried.is_ok() && ended.written == bench.expected);
    assert_eq!(*made.0.lock().unwrap(), [0, 1, 2]);
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
                assert_eq!((ended.carried.unwrap().refusals.len(), ended.slabs_free), (0, 3));

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
        assert_eq!(ended.slabs_free, 3);
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
        target: &file,
        direct: None,
        pool: &pool,
        control: &control,
    };
    let task = Task { target: 0, len: 4096, bytes: TaskBytes::Compose };
    let (mut bytes, mut parts) = (vec![0xee; 4096], Vec::new());
    stage::compose(&context, &task, &mut bytes, 0, &mut parts).unwrap();
    assert_eq!(bytes[..1000], [9; 1000]);
    let part = SourceRead { source: SourceIndex(0), offset: 1000, bytes: 1000..4096 };
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
        platform::cached_bytes(source.file().unwrap(), 0, source.len()).expect("the kernel tells")
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
        assert_eq!(ended.slabs_free, 3);
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
    assert_eq!(ended.slabs_free, 3);
}
