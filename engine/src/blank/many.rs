//! Writes several blanks, a few at a time: what one waits for at its end, another one has for its bytes.
//!
//! - In: planned blanks, how many at a time.
//! - Out: what became of each, in order.
//! - Holds: those that are written at a time share the memory budget. After one has failed no other is begun.
//! - Not here: one blank (`write`).

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use intercut_io::{Control, Phase, Progress, STAGING_MIN, Work};

use super::{BlankError, BlankReport, PlannedBlank, WriteOptions};
use crate::workers::at_a_time;

/// How often the bytes of all blanks are added up.
const TICK: Duration = Duration::from_millis(100);

/// Writes blanks.
///
/// - `few`: how many at a time, as far as the memory budget has room for them.
/// - `control`: counts the bytes of all of them.
/// - Returns: `None` in place of a blank that was not begun, because another one had failed.
pub fn write_all(
    planned: Vec<PlannedBlank>,
    few: NonZeroUsize,
    options: WriteOptions,
    control: &Control,
) -> Vec<Option<Result<BlankReport, BlankError>>> {
    let room = usize::try_from(options.memory_budget / STAGING_MIN).unwrap_or(usize::MAX);
    let few = few.min(NonZeroUsize::new(room.min(planned.len())).unwrap_or(NonZeroUsize::MIN));
    let memory_budget = options.memory_budget / few.get() as u64;
    let options = WriteOptions { memory_budget, ..options };
    let bytes = planned.iter().map(PlannedBlank::bytes).sum();
    let frames = planned.iter().map(|blank| u64::from(blank.facts().frames)).sum();
    let work = options.work(bytes, frames);
    // One blank may be verified while another is written: for all of them together that is one phase.
    let bytes = work.bytes_to_write + work.bytes_to_verify;
    control.progress.begin(Work { bytes_to_write: bytes, bytes_to_verify: 0, frames });
    control.progress.enter(Phase::Writing, bytes);
    let controls = planned.iter().map(|_| {
        let progress = Progress::default();
        Control { cancel: control.cancel.clone(), progress }
    });
    let controls: Vec<Control> = controls.collect();
    let planned: Vec<_> = planned.into_iter().map(|blank| Mutex::new(Some(blank))).collect();
    let (has_failed, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let write = |nth: usize| {
        if has_failed.load(Ordering::Relaxed) {
            return None;
        }
        let blank = planned[nth].lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let written = blank.write(options, &controls[nth]);
        has_failed.fetch_or(written.is_err(), Ordering::Relaxed);
        Some(written)
    };
    std::thread::scope(|scope| {
        let watcher = std::thread::Builder::new().name("progress".to_owned());
        let watch = || {
            let mut known = 0;
            while !is_over.load(Ordering::Relaxed) {
                std::thread::park_timeout(TICK);
                let done: u64 = controls.iter().map(|it| it.progress.bytes_done()).sum();
                control.progress.add(done.saturating_sub(known));
                known = known.max(done);
            }
        };
        // Without a thread for it nothing is shown.
        let watcher = watcher.spawn_scoped(scope, watch).ok();
        let written = at_a_time(few, planned.len(), write);
        is_over.store(true, Ordering::Relaxed);
        watcher.iter().for_each(|watcher| watcher.thread().unpark());
        written
    })
}
