//! A power cut at any moment of an insert or an undo, in every order of writes that the syncs allow: the old movie or the new
//! one, and the next command makes of it what was asked for.

use intercut_tests::builder::Layout;
use intercut_tests::in_place_job::InPlaceJob;
use intercut_tests::oracle::in_place::insert::{Journal, journal};
use intercut_tests::oracle::in_place::shown::shown;
use intercut_tests::power::bytes::{CALLS, Change, Moment, changes, cut_anywhere};
use intercut_tests::program::intercut;
use intercut_tests::trace;

/// Of so many states one is written to the disk, for the next command to find.
const NEXT_COMMAND_EVERY: usize = 150;

/// What a run of a command did to the movie, and what the movie is afterwards.
fn recorded(job: &InPlaceJob, command: &std::process::Command) -> (Vec<Change>, Vec<u8>) {
    let before = job.now().bytes;
    let traced = trace::run_with_bytes(command, CALLS);
    let said = String::from_utf8_lossy(&traced.output.stderr).into_owned();
    assert!(traced.output.status.success(), "{said}");
    let after = job.now().bytes;
    let changes = changes(&traced.calls, &job.movie, &before, &after);
    (changes, after)
}

/// Looks at every state of a recorded run. `ends_new`: which movie it leaves in the end.
fn look_at_all(
    job: &InPlaceJob,
    (before, changes): (&[u8], &[Change]),
    ends_new: bool,
    context: &str,
) -> usize {
    let mut seen = [0, 0];
    let mut number = 0;
    let mut look = |file: &[u8], moment: Moment| {
        let is_new = job.is_new(file)?;
        seen[usize::from(is_new)] += 1;
        number += 1;
        if moment.is_end && is_new != ends_new {
            return Err(format!("in the end the new movie is there: {is_new}"));
        }
        if number % NEXT_COMMAND_EVERY == 1 {
            next_command(job, file, is_new);
        }
        Ok(())
    };
    let states = cut_anywhere(before, changes, 7, &mut look);
    let states = states.unwrap_or_else(|found| panic!("{context}: {found}"));
    assert!(seen[0] > 0 && seen[1] > 0, "{context}: {seen:?}");
    states
}

/// Whatever a crash left, an insert makes the new pictures of it, and undos lead back to the first movie.
fn next_command(job: &InPlaceJob, file: &[u8], is_new: bool) {
    job.put(file);
    job.succeeds(&mut job.insert(&[]));
    let now = shown(&job.now().bytes).expect("it is a movie");
    now.has_samples_of(&job.new).expect("they are the new pictures");
    if is_new {
        job.succeeds(&mut job.undo(&[]));
        assert_eq!(job.is_new(&job.now().bytes), Ok(true));
    }
    job.succeeds(&mut job.undo(&[]));
    assert_eq!(job.is_new(&job.now().bytes), Ok(false));
}

fn power_is_cut_in(job: &InPlaceJob, layout: Layout, route: &str) {
    let (inserted, after) = recorded(job, &job.insert(&["--route", route]));
    let (undone, last) = recorded(job, &job.undo(&[]));
    assert!(last == job.before.bytes, "{layout:?}: the undo left something else");
    let context = format!("{layout:?}, {route}, insert");
    let states = look_at_all(job, (&job.before.bytes, &inserted), true, &context);
    let context = format!("{layout:?}, undo");
    let states = states + look_at_all(job, (&after, &undone), false, &context);
    println!("{layout:?}, {route}: {states} states");
}

#[test]
fn power_cut_leaves_the_old_movie_or_the_new_one_in_every_layout() {
    if trace::is_missing() {
        return;
    }
    for layout in Layout::ALL {
        let (_folder, job) = InPlaceJob::in_memory(layout, 600);
        power_is_cut_in(&job, layout, "buffered");
    }
}

#[test]
fn power_cut_leaves_the_old_movie_or_the_new_one_by_every_route() {
    if trace::is_missing() {
        return;
    }
    let layout = Layout::WideMdatMoov;
    let (_folder, job) = InPlaceJob::on_disk(layout, 5000);
    for route in ["mapped", "staged", "kernel"] {
        power_is_cut_in(&job, layout, route);
    }
}

#[test]
fn power_cut_while_blocks_are_given_back_leaves_the_new_movie_and_no_undo_that_lies() {
    if trace::is_missing() {
        return;
    }
    // Pictures of several blocks, of which the inserts replace some.
    let (_folder, job) = InPlaceJob::in_memory(Layout::MoovFirst, 20_000);
    job.succeeds(&mut job.insert(&[]));
    let before = job.now().bytes;
    let mut command = std::process::Command::new(intercut());
    command.arg("compact").arg(&job.movie).arg("--punch");
    let (changes, after) = recorded(&job, &command);
    assert!(after != before, "nothing was given back");
    let mut seen = [0, 0];
    let mut look = |file: &[u8], _: Moment| {
        if !job.is_new(file)? {
            return Err("the old movie is back".to_owned());
        }
        let journal = journal(file)?;
        let is_punched = journal.undo(file).is_err() || file_of(&journal, file) != job.before.bytes;
        if is_punched && &journal.state != b"void" {
            return Err("the journal still offers an undo".to_owned());
        }
        seen[usize::from(is_punched)] += 1;
        Ok(())
    };
    let states = cut_anywhere(&before, &changes, 9, &mut look);
    let states = states.unwrap_or_else(|found| panic!("{found}"));
    println!("{states} states: {} whole, {} punched", seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

/// The file that an undo would make.
fn file_of(journal: &Journal, file: &[u8]) -> Vec<u8> {
    journal.undo(file).map(|(bytes, _)| bytes).unwrap_or_default()
}
