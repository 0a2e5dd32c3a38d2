//! Writes a trace in Chrome's Trace Event Format, as it happens.
//!
//! - In: what began or ended, with the fields of its span as JSON.
//! - Out: an object of `traceEvents`, one a line: `B`/`E` in the lane of their thread, `b`/`e` for what is in flight, `C` for
//!   counters, `i` for marks, `M` for names.
//! - Holds: one monotonic clock, read while the file is locked, so that time never goes back from one line to the next;
//!   memory for one buffer, the names of threads and the places in flight. A failing write is reported at the end.
//! - Not here: where events come from (`layer`).
//!
//! Places: copies in flight overlap, so each takes the lowest place of its name that is free, and the place is its id. A
//! viewer then draws as many rows as there were copies in flight at a time, not as many as there were copies.
//!
//! Counters: `in flight` counts copies that have begun and not ended, on any route; `throughput` is what
//! ended in the last window, divided by its length; `slabs` is the staged write-behind buffer's.
//!
//! References: "Trace Event Format" (catapult project); perfetto.dev, "Chrome JSON format".

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::to_string;

/// The first bytes of every trace, by which an older one is known.
pub(super) const HEAD: &str = "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"program\":\"intercut ";

/// Throughput is an average over windows of at least this length: about a dozen copies of 4 MiB on a fast disk.
const WINDOW: Duration = Duration::from_millis(20);

const BUFFER_LEN: usize = 64 << 10;

/// What a span is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A slice in its thread's lane.
    Lane,
    /// A slice among those of its name that are in flight.
    InFlight,
}

/// A span as the trace shows it.
#[derive(Debug)]
pub(super) struct Interval {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) shape: Shape,
    /// Where the span is a copy: its bytes, and those that were put in place so far.
    pub(super) copy: Option<Copied>,
    /// Its fields, as the members of a JSON object.
    pub(super) fields: String,
    /// Its place among those in flight.
    pub(super) place: usize,
}

/// The bytes of a copy.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Copied {
    pub(super) bytes: u64,
    pub(super) carried: u64,
}

/// A trace that is being written.
#[derive(Debug)]
pub(super) struct Recorder {
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// `None` once the trace has ended.
    out: Option<BufWriter<File>>,
    failure: Option<io::Error>,
    /// Lanes that have their name.
    named: Vec<u32>,
    /// By name of what is in flight: which places are taken.
    places: BTreeMap<&'static str, Vec<bool>>,
    bytes_in_flight: u64,
    /// Bytes carried since `window_start`.
    window_bytes: u64,
    window_start: Duration,
    rate: u64,
}

impl Recorder {
    /// Begins a trace.
    pub(super) fn new(file: File) -> Self {
        let state = State {
            out: Some(BufWriter::with_capacity(BUFFER_LEN, file)),
            failure: None,
            named: Vec::new(),
            places: BTreeMap::new(),
            bytes_in_flight: 0,
            window_bytes: 0,
            window_start: Duration::ZERO,
            rate: 0,
        };
        let recorder = Self { start: Instant::now(), state: Mutex::new(state) };
        let (version, pid) = (env!("CARGO_PKG_VERSION"), std::process::id());
        recorder.locked().write(|out| {
            writeln!(out, "{HEAD}{version}\"}},\"traceEvents\":[")?;
            let name = "\"name\":\"process_name\",\"args\":{\"name\":\"intercut\"}";
            write!(out, "{{\"ph\":\"M\",\"pid\":{pid},{name}}}")
        });
        recorder
    }

    /// Something begins.
    pub(super) fn begin(&self, interval: &mut Interval) {
        let mut state = self.locked();
        let now = self.start.elapsed();
        if interval.shape == Shape::InFlight {
            interval.place = state.take_place(interval.name);
        }
        let phase = if interval.shape == Shape::Lane { "B" } else { "b" };
        state.slice(phase, now, interval, &interval.fields);
        if let Some(Copied { bytes, .. }) = interval.copy {
            if state.bytes_in_flight + state.window_bytes + state.rate == 0 {
                state.window_start = now;
            }
            state.bytes_in_flight += bytes;
            state.count_bytes_in_flight(now);
        }
    }

    /// What began ends.
    pub(super) fn end(&self, interval: &Interval) {
        let mut state = self.locked();
        let now = self.start.elapsed();
        let phase = if interval.shape == Shape::Lane { "E" } else { "e" };
        let carried = interval.copy.map(|copy| format!("\"carried\":{}", copy.carried));
        let fields = carried.unwrap_or_default();
        state.slice(phase, now, interval, &fields);
        if interval.shape == Shape::InFlight {
            state.give_place(interval.name, interval.place);
        }
        match interval.copy {
            Some(Copied { bytes, carried }) => {
                state.bytes_in_flight -= bytes;
                state.count_bytes_in_flight(now);
                state.count_carried(now, carried);
            }
            // A step of the run is over: what comes next may carry nothing.
            None if interval.shape == Shape::Lane => state.settle_throughput(now),
            None => {}
        }
    }

    /// Something is worth a mark in its thread's lane.
    pub(super) fn mark(&self, name: &str, category: &str, fields: &str) {
        let mut state = self.locked();
        let (now, lane) = (self.start.elapsed(), state.lane());
        let more = format!(",\"s\":\"t\",\"cat\":\"{category}\",\"args\":{{{fields}}}");
        state.event("i", now, name, lane, &more);
    }

    /// A counter has a new value.
    pub(super) fn count(&self, name: &str, unit: &str, value: u64) {
        let mut state = self.locked();
        let now = self.start.elapsed();
        state.counter(now, name, unit, value);
    }

    /// Ends the trace; later events are lost.
    ///
    /// # Errors
    /// The first error of any write.
    pub(super) fn finish(&self) -> io::Result<File> {
        let mut state = self.locked();
        let now = self.start.elapsed();
        state.settle_throughput(now);
        state.write(|out| out.write_all(b"\n]}\n"));
        let out = state.out.take().expect("a trace ends once");
        match state.failure.take() {
            Some(error) => Err(error),
            None => out.into_inner().map_err(io::IntoInnerError::into_error),
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while it wrote has left half a line: the rest is still worth having.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    /// Writes, unless the trace has ended or failed.
    fn write(&mut self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
        let Some(out) = &mut self.out else { return };
        if self.failure.is_none() {
            self.failure = write(out).err();
        }
    }

    /// The lane of this thread, which is named first.
    fn lane(&mut self) -> u32 {
        static LANES: AtomicU32 = AtomicU32::new(1);
        thread_local! {
            static LANE: u32 = LANES.fetch_add(1, Ordering::Relaxed);
        }
        let lane = LANE.with(|lane| *lane);
        if !self.named.contains(&lane) {
            self.named.push(lane);
            let thread = std::thread::current();
            let name = thread.name().map_or_else(|| format!("worker {lane}"), str::to_owned);
            let (pid, name) = (std::process::id(), to_string(&name).unwrap_or_default());
            self.write(|out| {
                let args = format!("\"name\":\"thread_name\",\"args\":{{\"name\":{name}}}");
                write!(out, ",\n{{\"ph\":\"M\",\"pid\":{pid},\"tid\":{lane},{args}}}")
            });
        }
        lane
    }

    /// Writes one event. Names are static and need no escapes.
    fn event(&mut self, phase: &str, now: Duration, name: &str, lane: u32, more: &str) {
        let pid = std::process::id();
        let (us, ns) = (now.as_micros(), now.subsec_nanos() % 1000);
        self.write(|out| {
            write!(
                out,
                ",\n{{\"ph\":\"{phase}\",\"pid\":{pid},\"tid\":{lane},\"ts\":{us}.{ns:03},\"name\":\"{name}\"{more}}}"
            )
        });
    }

    fn slice(&mut self, phase: &str, now: Duration, interval: &Interval, fields: &str) {
        let lane = self.lane();
        let mut more = format!(",\"cat\":\"{}\"", interval.category);
        if interval.shape == Shape::InFlight {
            // An id is one row of one name, of this process: a plain `id` would be drawn apart from it.
            let (name, place) = (interval.name, interval.place);
            more.push_str(&format!(",\"id2\":{{\"local\":\"{name}-{place}\"}}"));
        }
        if !fields.is_empty() {
            more.push_str(&format!(",\"args\":{{{fields}}}"));
        }
        self.event(phase, now, interval.name, lane, &more);
    }

    fn counter(&mut self, now: Duration, name: &str, unit: &str, value: u64) {
        let lane = self.lane();
        self.event("C", now, name, lane, &format!(",\"args\":{{\"{unit}\":{value}}}"));
    }

    fn take_place(&mut self, name: &'static str) -> usize {
        let places = self.places.entry(name).or_default();
        let free = places.iter().position(|taken| !taken).unwrap_or(places.len());
        if free == places.len() {
            places.push(true);
        }
        places[free] = true;
        free
    }

    fn give_place(&mut self, name: &'static str, place: usize) {
        let places = self.places.get_mut(name).expect("what ends has begun");
        places[place] = false;
    }

    fn count_bytes_in_flight(&mut self, now: Duration) {
        self.counter(now, "in flight", "bytes", self.bytes_in_flight);
    }

    /// Adds to the window, and writes its throughput once it is long enough.
    fn count_carried(&mut self, now: Duration, bytes: u64) {
        self.window_bytes += bytes;
        if now - self.window_start >= WINDOW {
            self.tell_throughput(now);
        }
    }

    fn tell_throughput(&mut self, now: Duration) {
        let us = (now - self.window_start).as_micros().max(1);
        // Bytes a microsecond are megabytes a second.
        self.rate = u64::try_from(u128::from(self.window_bytes) / us).unwrap_or(u64::MAX);
        (self.window_bytes, self.window_start) = (0, now);
        self.counter(now, "throughput", "MB/s", self.rate);
    }

    /// Tells what is left of the window, and that nothing follows.
    fn settle_throughput(&mut self, now: Duration) {
        if self.window_bytes > 0 {
            self.tell_throughput(now);
        }
        if self.rate > 0 {
            (self.rate, self.window_start) = (0, now);
            self.counter(now, "throughput", "MB/s", 0);
        }
    }
}
