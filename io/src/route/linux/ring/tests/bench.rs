//! What the ring's tests run: a small schedule over two sources, with a hook between the kernel's answers and the route.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context as Spans, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::choice::Route;
use crate::control::Control;
use crate::error::IoError;
use crate::measure::interval::IN_FLIGHT;
use crate::route::pool::Pool;
use crate::route::system::cold::Cold;
use crate::route::system::probe;
use crate::route::system::ring::{self, open};
use crate::route::task::block_tasks;
use crate::route::{Carried, Context, workers};
use crate::schedule::{Schedule, ScheduleBuilder, SourceIndex};
use crate::source::Source;
use crate::sys::platform;
use crate::sys::ring::Op;

/// Two sources, and a target on a filesystem that takes direct writes.
pub(super) struct Bench {
    pub(super) folder: tempfile::TempDir,
    pub(super) sources: Vec<Source>,
    pub(super) schedule: Schedule,
    pub(super) expected: Vec<u8>,
}

/// What is to be read past the page cache, found by trying.
pub(super) fn probed(context: &Context<'_>) -> Cold {
    Cold::probe(context).expect("the sources can be read")
}

/// What a run came to, and what is in the file.
pub(super) struct Ended {
    pub(super) carried: Result<Carried, IoError>,
    pub(super) written: Vec<u8>,
    pub(super) completions: usize,
    pub(super) slabs_free: usize,
    /// How often there was none.
    pub(super) misses: u64,
    /// Bytes that were left to another route.
    pub(super) left_len: u64,
}

impl Bench {
    /// A header, bodies of both sources, small pieces between and behind them: two ranges, the first of them with several
    /// bodies and composed runs.
    pub(super) fn new() -> Self {
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
    pub(super) fn larger() -> Self {
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
    pub(super) fn of(pieces: &[(u32, u64, u64)]) -> Self {
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
    pub(super) fn evict(&self) {
        for source in &self.sources {
            let file = source.file().unwrap();
            file.sync_all().unwrap();
            platform::drop_from_cache(file);
        }
    }

    pub(super) fn target_path(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    /// Runs the schedule with `inject` between the kernel and the route; what is refused goes by threads.
    pub(super) fn run(
        &self,
        route: Route,
        inject: impl FnMut(usize, &Op, i32) -> i32 + 'static,
    ) -> Ended {
        self.run_with(route, |_| Cold::default(), inject)
    }

    /// The same, where `cold` says what is read past the page cache.
    pub(super) fn run_with(
        &self,
        route: Route,
        cold: impl Fn(&Context<'_>) -> Cold,
        mut inject: impl FnMut(usize, &Op, i32) -> i32 + 'static,
    ) -> Ended {
        let path = self.target_path();
        let file = fs::File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.unwrap();
        let (kind, _) = platform::filesystem(&file).unwrap();
        let direct = probe::open_direct(&file, kind, 4096, 0).unwrap();
        let (pool, control) = (Pool::new(0).unwrap(), Control::default());
        let context = Context {
            schedule: &self.schedule,
            sources: &self.sources,
            target_path: &path,
            target: &file,
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
            ring::run(&context, ring, route, block_tasks(&self.schedule), &cold(&context));
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
    pub(super) fn with_each_completion(
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
            assert_eq!(result.slabs_free, 3, "{route}, completion {hit}");
            // How many there are depends on how much the kernel reads at a time: the last ones may not come about again.
            if hit < result.completions {
                check(hit, result);
            }
        }
    }
}

/// What the spans of copies in flight tell.
#[derive(Debug, Default, Clone)]
pub(super) struct Told(Arc<[AtomicU64; 3]>);

impl Told {
    /// Spans that began, that ended, and the bytes that they carried.
    pub(super) fn sums(&self) -> [u64; 3] {
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
