//! How many bytes were in place when: the line that a report draws, in bounded room.
//!
//! - In: [`Progress`], read from a thread of its own.
//! - Out: [`Point`]s; never more than [`POINTS_MAX`], however long the run.
//! - Holds: the first point and the last are the run's own; between them every other point goes when there are too many,
//!   and the thread looks half as often from then on. Bytes are cumulative, so nothing but detail is lost.
//! - Not here: rates (who draws them decides over how long), counting (`control`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::control::Progress;

/// Points of a run, at most.
pub const POINTS_MAX: usize = 512;

/// How often a run is looked at in its first two seconds: short enough to draw one that takes 50 ms. A look costs two
/// loads and a wake-up.
const INTERVAL_FIRST: Duration = Duration::from_millis(4);

/// How far a run had come at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Time since the moment that sampling counts from.
    pub elapsed: Duration,
    /// Bytes that were done.
    pub bytes: u64,
}

/// Looks at the progress of a run until it is stopped.
#[derive(Debug)]
pub struct ThroughputSampler {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Series>>,
    progress: Progress,
    origin: Instant,
    /// Bytes of the phase that were done before.
    bytes_before: u64,
}

impl ThroughputSampler {
    /// Starts looking at what is done in the phase of `progress`, or in the next one if nothing is done in this one yet.
    /// Time counts from `origin`, bytes from now.
    pub fn start(progress: &Progress, origin: Instant) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, watched) = (Arc::clone(&stop), progress.clone());
        let bytes_before = progress.bytes_in_phase();
        let bytes_of =
            move |progress: &Progress| progress.bytes_in_phase().saturating_sub(bytes_before);
        let first = Point { elapsed: origin.elapsed(), bytes: bytes_of(&watched) };
        let thread = std::thread::Builder::new().name("throughput".to_owned()).spawn(move || {
            let mut series = Series::default();
            series.push(first);
            loop {
                std::thread::park_timeout(series.interval);
                if flag.load(Ordering::Relaxed) {
                    return series;
                }
                series.push(Point { elapsed: origin.elapsed(), bytes: bytes_of(&watched) });
            }
        });
        // A process that may not start one more thread still splices; its report has no line.
        Self { stop, thread: thread.ok(), progress: progress.clone(), origin, bytes_before }
    }

    /// What was seen, the end included.
    pub fn stop(mut self) -> Vec<Point> {
        let Some(mut series) = self.end() else { return Vec::new() };
        let (elapsed, bytes) = (
            self.origin.elapsed(),
            self.progress.bytes_in_phase().saturating_sub(self.bytes_before),
        );
        series.push(Point { elapsed, bytes });
        series.points
    }

    fn end(&mut self) -> Option<Series> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take()?;
        thread.thread().unpark();
        Some(thread.join().expect("the sampler does not panic"))
    }
}

impl Drop for ThroughputSampler {
    fn drop(&mut self) {
        self.end();
    }
}

/// Points, and how long to wait for the next one.
#[derive(Debug)]
struct Series {
    points: Vec<Point>,
    interval: Duration,
}

impl Default for Series {
    fn default() -> Self {
        Self { points: Vec::new(), interval: INTERVAL_FIRST }
    }
}

impl Series {
    fn push(&mut self, point: Point) {
        if self.points.len() == POINTS_MAX {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.interval *= 2;
        }
        self.points.push(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Phase;

    /// What an hour at 1 GB/s leaves, looked at as often as the series asks for.
    fn hour() -> Series {
        let mut series = Series::default();
        let mut elapsed = Duration::ZERO;
        while elapsed <= Duration::from_secs(3600) {
            let bytes = u64::try_from(elapsed.as_nanos()).expect("an hour fits");
            series.push(Point { elapsed, bytes });
            elapsed += series.interval;
        }
        series
    }

    #[test]
    fn hour_is_kept_in_bounded_room_and_evenly() {
        let Series { points, interval } = hour();
        assert!(points.len() > 200 && points.len() <= POINTS_MAX, "{}", points.len());
        assert_eq!(points[0], Point { elapsed: Duration::ZERO, bytes: 0 });
        let gaps = points.windows(2).map(|pair| pair[1].elapsed - pair[0].elapsed);
        assert!(gaps.clone().all(|gap| gap <= interval), "{:?}", gaps.max());
        assert!(points.last().expect("a point").elapsed > Duration::from_secs(3590));
    }

    #[test]
    fn shortest_run_has_its_start_and_its_end() {
        let progress = Progress::default();
        progress.enter(Phase::Writing, 1000);
        let sampler = ThroughputSampler::start(&progress, Instant::now());
        progress.add(1000);
        let points = sampler.stop();
        assert_eq!(points.first().expect("a point").bytes, 0);
        assert_eq!(points.last().expect("a point").bytes, 1000);
    }
}
