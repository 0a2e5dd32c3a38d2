//! How a run is watched and stopped from outside.
//!
//! - [`Cancel`]: set once, from any thread or a signal handler; every route looks at it between copies.
//! - [`Progress`]: what phase it is in, and how much of all phases is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A token that ends a run early. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token over a flag that something else, such as a signal handler, sets.
    pub fn from_flag(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Asks the run to end.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`crate::error::IoError::Cancelled`] where the run was asked to end.
    pub fn check(&self) -> Result<(), crate::error::IoError> {
        if self.is_cancelled() { Err(crate::error::IoError::Cancelled) } else { Ok(()) }
    }
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Phase {
    /// Sources are opened and what goes where is worked out; nothing has been created.
    #[default]
    Setup,
    /// Pictures of the clips are compared with those of the base; nothing has been created.
    Checking,
    /// Bytes are put in place.
    Writing,
    /// What is in place is made durable.
    Syncing,
    /// What is in place is read back.
    Verifying,
    /// The target gets its name.
    Finishing,
    /// Pictures of the result are made. Only reads, which count like those that verify.
    Picturing,
}

impl Phase {
    /// The phase's name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Setup => "setup",
            Phase::Checking => "checking",
            Phase::Writing => "writing",
            Phase::Syncing => "syncing",
            Phase::Verifying => "verifying",
            Phase::Finishing => "finishing",
            Phase::Picturing => "picturing",
        }
    }
}

/// What a run has to do in all: known when it begins, and fixed from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Bytes to put in place.
    pub bytes_to_write: u64,
    /// Bytes to read back; 0 for a run that does not verify.
    pub bytes_to_verify: u64,
    /// Frames of the result; 0 if it has none.
    pub frames: u64,
}

/// How far a run has come. Clones share it; any thread may look at any time.
///
/// The bytes done never fall, and the total is that of all phases together: a run that verifies has done half when it has
/// written everything.
///
/// ```
/// use intercut_io::{Phase, Progress, Work};
///
/// let progress = Progress::default();
/// progress.begin(Work { bytes_to_write: 1000, bytes_to_verify: 1000, frames: 50 });
/// progress.enter(Phase::Writing, 1000);
/// progress.add(400);
/// assert_eq!((progress.bytes_done(), progress.bytes_total(), progress.frames_done()), (400, 2000, 20));
/// progress.enter(Phase::Verifying, 1000);
/// assert_eq!((progress.bytes_done(), progress.frames_done()), (1000, 0));
/// progress.enter(Phase::Finishing, 0);
/// assert_eq!((progress.bytes_done(), progress.phase().name()), (2000, "finishing"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    work: Work,
    /// What the phases before this one came to, of all bytes.
    done_before: u64,
    /// What this phase has really to do, in bytes.
    phase_len: u64,
    /// What of it is done.
    phase_done: u64,
    /// The most that anybody was told.
    told: u64,
}

impl State {
    fn total(&self) -> u64 {
        self.work.bytes_to_write.saturating_add(self.work.bytes_to_verify)
    }

    /// Bytes of the total that belong to `phase`.
    fn part_of(&self, phase: Phase) -> u64 {
        match phase {
            Phase::Writing => self.work.bytes_to_write,
            Phase::Checking | Phase::Verifying | Phase::Picturing => self.work.bytes_to_verify,
            Phase::Setup | Phase::Syncing | Phase::Finishing => 0,
        }
    }

    /// `whole` times the share of this phase that is done.
    fn done_of(&self, whole: u64) -> u64 {
        let done =
            u128::from(whole) * u128::from(self.phase_done) / u128::from(self.phase_len.max(1));
        u64::try_from(done).map_or(whole, |done| done.min(whole))
    }

    fn bytes_done(&mut self) -> u64 {
        let done = self.done_before.saturating_add(self.done_of(self.part_of(self.phase)));
        self.told = self.told.max(done).min(self.total());
        self.told
    }
}

impl Progress {
    /// Says what there is to do in all. Done is nothing yet.
    pub fn begin(&self, work: Work) {
        *self.state() = State { work, ..State::default() };
    }

    /// Goes on to `phase`, which has `bytes` to do; the phases before it count as done. Does nothing if it is the phase
    /// already.
    ///
    /// If the run was not [begun](Progress::begin) with bytes for this phase, the total grows by them. If it was, these
    /// bytes are counted in proportion to those, so that the total stays.
    pub fn enter(&self, phase: Phase, bytes: u64) {
        let mut state = self.state();
        if state.phase == phase {
            return;
        }
        match phase {
            Phase::Writing if state.work.bytes_to_write == 0 => state.work.bytes_to_write = bytes,
            Phase::Checking | Phase::Verifying | Phase::Picturing
                if state.work.bytes_to_verify == 0 =>
            {
                state.work.bytes_to_verify = bytes;
            }
            _ => {}
        }
        state.done_before = match phase {
            Phase::Setup | Phase::Checking | Phase::Writing => 0,
            Phase::Syncing | Phase::Verifying | Phase::Picturing => state.work.bytes_to_write,
            Phase::Finishing => state.total(),
        };
        (state.phase, state.phase_len, state.phase_done) = (phase, bytes, 0);
    }

    /// Counts `bytes` more of this phase as done.
    pub fn add(&self, bytes: u64) {
        let mut state = self.state();
        state.phase_done = state.phase_done.saturating_add(bytes);
    }

    /// What the run is doing.
    pub fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Bytes done in all phases so far; never falls.
    pub fn bytes_done(&self) -> u64 {
        self.state().bytes_done()
    }

    /// Bytes to do in all phases; 0 until it is known.
    pub fn bytes_total(&self) -> u64 {
        self.state().total()
    }

    /// Frames that are done in this phase, if they are spread evenly over its bytes.
    pub fn frames_done(&self) -> u64 {
        let state = self.state();
        match state.phase {
            Phase::Setup | Phase::Checking => 0,
            Phase::Writing | Phase::Verifying | Phase::Picturing => {
                state.done_of(state.work.frames)
            }
            Phase::Syncing | Phase::Finishing => state.work.frames,
        }
    }

    /// Frames of the result; 0 if it has none, or until it is known.
    pub fn frames_total(&self) -> u64 {
        self.state().work.frames
    }

    /// Bytes done in this phase.
    pub(crate) fn bytes_in_phase(&self) -> u64 {
        self.state().phase_done
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nobody panics with the lock held, and numbers are whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cancellation and progress of one run.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Ends the run early.
    pub cancel: Cancel,
    /// How far it has come.
    pub progress: Progress,
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORK: Work = Work { bytes_to_write: 1000, bytes_to_verify: 1000, frames: 50 };

    #[test]
    fn bytes_of_a_phase_count_in_proportion_to_what_was_planned_for_it() {
        let progress = Progress::default();
        progress.begin(WORK);
        progress.enter(Phase::Writing, 1000);
        progress.add(1000);
        // What is compared is a little less than what is written: headers are not.
        progress.enter(Phase::Verifying, 800);
        progress.add(400);
        assert_eq!((progress.bytes_done(), progress.frames_done()), (1500, 25));
        progress.add(400);
        assert_eq!((progress.bytes_done(), progress.bytes_total()), (2000, 2000));
    }

    #[test]
    fn bytes_done_never_fall_and_never_pass_the_total() {
        let progress = Progress::default();
        progress.begin(WORK);
        progress.enter(Phase::Writing, 1000);
        progress.add(5000);
        assert_eq!(progress.bytes_done(), 1000);
        progress.enter(Phase::Syncing, 0);
        assert_eq!((progress.bytes_done(), progress.frames_done()), (1000, 50));
        progress.enter(Phase::Verifying, 1000);
        progress.add(700);
        assert_eq!(progress.bytes_done(), 1700);
        progress.enter(Phase::Writing, 1000);
        assert_eq!(progress.bytes_done(), 1700);
    }

    #[test]
    fn run_that_was_not_begun_learns_its_total_from_its_phases() {
        let progress = Progress::default();
        assert_eq!((progress.phase(), progress.bytes_total()), (Phase::Setup, 0));
        progress.enter(Phase::Verifying, 300);
        progress.enter(Phase::Verifying, 900);
        progress.add(100);
        assert_eq!((progress.bytes_done(), progress.bytes_total()), (100, 300));
        progress.enter(Phase::Finishing, 0);
        assert_eq!(progress.bytes_done(), 300);
    }
}
