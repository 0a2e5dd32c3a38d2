//! Threads that each carry one piece at a time: `reflink`, `kernel`, `buffered`, and direct writes without io_uring.
//!
//! - In: tasks, and how bodies are carried.
//! - Out: [`Carried`]: what was done, and what was refused and is left for another route.
//! - Holds: the first failure ends every worker; a source that was refused once is not tried again.
//! - Not here: which route to take (`execute`), how one piece is carried (`system`, `stage`).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tracing::Span;

use super::stage::{self, SourceRead};
use super::system::{BodyCarrier, WriteBack};
use super::{Carried, Context, Scope, Stop};
use crate::choice::Route;
use crate::error::IoError;
use crate::measure::latency::{Stage, nanoseconds_since};
use crate::route::pool::SLAB_LEN;
use crate::route::span;
use crate::route::task::{Queue, Task, TaskBytes};

/// Bytes that one worker carries before it asks for more work: at most a slab's length, because a piece may go through one.
const PIECE_LEN: u64 = SLAB_LEN as u64;

/// The same through the page cache, where a piece is read and written by the processor and should still be in its caches
/// when it is written.
const CACHED_PIECE_LEN: u64 = 1 << 20;

/// What sharing takes at a time: the cost is by the call, not by the byte, yet a cancel should not wait for long.
const SHARED_PIECE_LEN: u64 = 1 << 30;

/// The most threads that carry pieces where each waits for its own transfer.
const THREADS_MAX: usize = 4;

/// State that the workers share.
struct Shared {
    queue: Mutex<Queue>,
    failure: Mutex<Option<IoError>>,
    /// By source: whether the route was refused for it.
    refused: Vec<AtomicBool>,
    over: AtomicBool,
}

/// One worker's own state.
#[derive(Default)]
struct Worker {
    carried: Carried,
    parts: Vec<SourceRead>,
    bodies: BodyCarrier,
    dirty: WriteBack,
}

/// Carries `tasks`: bodies by `route`, what is to be composed through slabs (left to others by `reflink`).
///
/// # Errors
/// The first failure of any worker, or [`IoError::Cancelled`].
pub(crate) fn run(
    context: &Context<'_>,
    route: Route,
    tasks: Vec<Task>,
    threads: usize,
) -> Result<Carried, IoError> {
    let (bodies, left) = tasks
        .into_iter()
        .partition(|task| route != Route::Reflink || matches!(task.bytes, TaskBytes::Body { .. }));
    let len_max = match route {
        Route::Reflink => SHARED_PIECE_LEN,
        Route::Buffered => CACHED_PIECE_LEN,
        Route::Mapped | Route::Staged | Route::Kernel => PIECE_LEN,
    };
    let shared = Shared {
        queue: Mutex::new(Queue::new(bodies, len_max, SLAB_LEN as u64)),
        failure: Mutex::new(None),
        refused: context.sources.iter().map(|_| AtomicBool::new(false)).collect(),
        over: AtomicBool::new(false),
    };
    let work = || Worker::default().run(context, route, &shared);
    let mut total = std::thread::scope(|scope| {
        let start = |number| {
            let named = std::thread::Builder::new().name(format!("copy-{number}"));
            // A system that allows no more threads has fewer: this one works too.
            named.spawn_scoped(scope, work).ok()
        };
        let others: Vec<_> = (2..=threads).map_while(start).collect();
        let mut total = work();
        for other in others {
            total.merge(other.join().expect("a worker does not panic"));
        }
        total
    });
    context.control.cancel.check()?;
    if let Some(error) = shared.failure.into_inner().expect("no worker panicked") {
        return Err(error);
    }
    total.left.extend(left);
    total.left.extend(shared.queue.into_inner().expect("no worker panicked").into_rest());
    Ok(total)
}

/// How many threads carry pieces at a time: one if there is no system whose answers they would wait for.
pub(crate) fn count(context: &Context<'_>) -> usize {
    if context.target.as_file().is_none() {
        return 1;
    }
    std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, THREADS_MAX))
}

impl Worker {
    fn run(mut self, context: &Context<'_>, route: Route, shared: &Shared) -> Carried {
        loop {
            if shared.over.load(Ordering::Relaxed) || context.control.cancel.is_cancelled() {
                break;
            }
            let next = shared.queue.lock().expect("no worker panicked").next();
            let Some(task) = next else { break };
            if is_refused(route, &task, shared) {
                self.carried.left.push(task);
                continue;
            }
            let copy = span::work(route_of(context, route, &task), context.schedule, &task);
            let _entered = copy.enter();
            if let Err(stop) = self.carry(context, route, &task, &copy) {
                self.stopped(context, route, task, stop, (shared, &copy));
            }
        }
        self.carried
    }

    /// Carries one piece and counts it.
    fn carry(
        &mut self,
        context: &Context<'_>,
        route: Route,
        task: &Task,
        copy: &Span,
    ) -> Result<(), Stop> {
        let due = Instant::now();
        match task.bytes {
            TaskBytes::Body { source, offset } if carries_bodies_itself(route) => {
                self.bodies.carry(context, route, task, (source, offset))?;
            }
            _ => stage::carry(context, task, &mut self.carried, &mut self.parts)?,
        }
        let by = route_of(context, route, task);
        self.carried.latency.record(Stage::Write, nanoseconds_since(due));
        self.carried.count(context, by, task, copy);
        if matches!(by, Route::Kernel | Route::Buffered) {
            self.dirty.wrote(context, task)?;
        }
        Ok(())
    }

    /// Notes why a piece was not carried: a refusal leaves it to another route, a failure ends the run.
    fn stopped(
        &mut self,
        context: &Context<'_>,
        route: Route,
        task: Task,
        stop: Stop,
        (shared, copy): (&Shared, &Span),
    ) {
        match stop {
            Stop::Unsupported { copied, scope, reason } => {
                let done = Task { len: copied, ..task };
                if let TaskBytes::Body { source, .. } = task.bytes
                    && carries_bodies_itself(route)
                {
                    shared.refused[source.0 as usize].store(true, Ordering::Relaxed);
                }
                if scope == Scope::Target {
                    shared.over.store(true, Ordering::Relaxed);
                }
                self.carried.count(context, route_of(context, route, &task), &done, copy);
                self.carried.refuse(reason);
                self.carried.left.push(task.after(copied));
            }
            Stop::Failed(error) => {
                shared.over.store(true, Ordering::Relaxed);
                shared.failure.lock().expect("no worker panicked").get_or_insert(error);
            }
        }
    }
}

/// The route that a task's bytes go by where `route` carries it.
fn route_of(context: &Context<'_>, route: Route, task: &Task) -> Route {
    match task.bytes {
        TaskBytes::Body { .. } if carries_bodies_itself(route) => route,
        _ => context.slab_route(),
    }
}

/// Whether the route was refused for the source of this task.
fn is_refused(route: Route, task: &Task, shared: &Shared) -> bool {
    match task.bytes {
        TaskBytes::Body { source, .. } if carries_bodies_itself(route) => {
            shared.refused[source.0 as usize].load(Ordering::Relaxed)
        }
        _ => false,
    }
}

/// Whether bodies are carried by the route itself rather than through a slab.
fn carries_bodies_itself(route: Route) -> bool {
    matches!(route, Route::Reflink | Route::Mapped | Route::Kernel)
}
