//! Faults without a disk: a region that is appended to a file in memory whose every call fails once, which is short and
//! interrupted, and which loses what was not synced.

use std::path::Path;

use super::*;
use crate::schedule::{Patch, ScheduleBuilder, SourceIndex};
use crate::storage::memory::{Call, Faults, MemoryFile};
use crate::target::InPlaceFile;

/// Bytes of the file before: its last block is not full.
const OLD_LEN: usize = 10_000;

const CHOICES: [RouteChoice; 4] = [
    RouteChoice::Auto,
    RouteChoice::Only(Route::Reflink),
    RouteChoice::Only(Route::Kernel),
    RouteChoice::Only(Route::Buffered),
];

/// Bytes that differ at every place of every file.
fn bytes_of(seed: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from((at * 7 + at / 251 + seed) % 256).unwrap()).collect()
}

/// A head, an extent that can be shared, small pieces that cannot, a tail; the head is sealed, then the file's first bytes
/// lead to it.
fn schedule() -> Schedule {
    let mut builder = ScheduleBuilder::appending(4096, OLD_LEN as u64);
    builder.push_inline(&[5; 64]);
    let position = builder.position();
    builder.push_zero(4096 - position % 4096);
    builder.push_source(SourceIndex(0), 8192, 150_000);
    for piece in 0..20 {
        builder.push_source(SourceIndex(1), piece * 1000 + 1, 777);
    }
    builder.push_inline(&[6; 3000]);
    builder.push_patch(Patch::new(OLD_LEN as u64, &[5; 8], &[8; 8]));
    builder.push_patch(Patch::new(16, &bytes_of(0, 32)[16..32], &[9; 16]));
    builder.finish()
}

fn old() -> Vec<u8> {
    bytes_of(0, OLD_LEN)
}

/// What the file holds in the end, composed without the code under test.
fn new() -> Vec<u8> {
    let (base, clip) = (bytes_of(1, 300_000), bytes_of(2, 100_000));
    let mut new = old();
    new[16..32].fill(9);
    new.extend([8; 8]);
    new.extend([5; 56]);
    new.resize(12_288, 0);
    new.extend(&base[8192..158_192]);
    for piece in 0..20 {
        new.extend(&clip[piece * 1000 + 1..piece * 1000 + 778]);
    }
    new.extend([6; 3000]);
    new
}

struct Ended {
    file: MemoryFile,
    result: Result<Outcome, IoError>,
}

/// Appends and puts to use, where these things go wrong with the target; the sources are short and interrupted too.
fn run(choice: RouteChoice, faults: Faults) -> Ended {
    let file = MemoryFile::with_faults(&old(), faults);
    let source = |seed: usize, len| {
        let faults = Faults { seed: faults.seed, ..Faults::default() };
        let bytes = MemoryFile::with_faults(&bytes_of(seed, len), faults);
        Source::in_storage(Path::new("source"), Box::new(bytes))
    };
    let sources = [source(1, 300_000), source(2, 100_000)];
    let in_place = InPlaceFile::in_storage(Path::new("movie"), Box::new(file.clone()));
    let mut target = Target::append(in_place);
    let options =
        CopyOptions { route: choice, memory_budget: 8 << 20, sources_wanted_again: false };
    let control = Control::default();
    let result = execute(&schedule(), &sources, &mut target, &options, &control)
        .and_then(|outcome| target.commit(&control).map(|_latency| outcome));
    Ended { file, result }
}

#[test]
fn region_is_appended_and_put_to_use_by_every_route() {
    for choice in CHOICES {
        let Ended { file, result } = run(choice, Faults::default());
        let outcome = result.unwrap();
        assert!(file.bytes() == new(), "{choice:?}");
        if let RouteChoice::Only(route @ (Route::Reflink | Route::Kernel)) = choice {
            assert!(outcome.bytes_by_route.by(route) >= 147_456, "{outcome:?}");
        }
    }
}

#[test]
fn every_call_that_fails_once_leaves_the_old_file_or_the_new_one() {
    let errors = [
        libc::EIO,
        libc::ENOSPC,
        libc::EDQUOT,
        libc::EINTR,
        libc::EPERM,
        libc::EACCES,
        libc::EAGAIN,
        libc::EBADF,
        libc::ETXTBSY,
        libc::EOPNOTSUPP,
        libc::EXDEV,
        libc::EINVAL,
    ];
    for choice in CHOICES {
        let calls = run(choice, Faults::default()).file.calls();
        for (number, errno) in
            (1..=calls.len()).flat_map(|number| errors.map(|errno| (number, errno)))
        {
            let Ended { file, result } =
                run(choice, Faults { at: Some((number, errno)), ..Faults::default() });
            let what = format!("{choice:?}: {errno} from call {number}, {:?}", calls[number - 1]);
            let bytes = file.bytes();
            match result {
                Ok(_) => assert!(bytes == new(), "{what}"),
                // The switch may have been written: then everything that it leads to is there.
                Err(_) if bytes.len() > OLD_LEN => {
                    assert!(bytes[OLD_LEN..] == new()[OLD_LEN..], "{what}");
                    assert!(number + 2 > calls.len(), "{what}: not cut back");
                }
                Err(_) => {
                    assert!(bytes == old(), "{what}");
                    assert_eq!(file.identity().unwrap().mtime_ns, 7, "{what}");
                }
            }
        }
    }
}

#[test]
fn whatever_an_optional_route_answers_the_next_one_is_taken_and_the_reason_told() {
    let errors =
        [libc::EPERM, libc::EACCES, libc::EAGAIN, libc::ETXTBSY, libc::EBADF, libc::EINVAL];
    for (call, route) in [(Call::Share, Route::Reflink), (Call::Copy, Route::Kernel)] {
        for errno in errors {
            let always = Some((call, errno));
            let Ended { file, result } =
                run(RouteChoice::Auto, Faults { always, ..Faults::default() });
            assert!(file.bytes() == new(), "{route}: {errno}");
            let refused = result.unwrap().refused;
            let is_told = refused.iter().any(|it| it.name == route.name() && !it.reason.is_empty());
            assert!(is_told || call == Call::Copy, "{route}: {errno}: {refused:?}");
        }
    }
}

#[test]
fn last_route_reports_the_fault_itself() {
    let faults = Faults { always: Some((Call::Write, libc::EBADF)), ..Faults::default() };
    let Ended { file, result } = run(RouteChoice::Auto, faults);
    let IoError::Failed { action: "write", source, .. } = result.unwrap_err() else {
        panic!("it is no failed write");
    };
    assert_eq!(source.raw_os_error(), Some(libc::EBADF));
    assert!(file.bytes() == old());
}

#[test]
fn disk_that_cannot_reserve_is_written_all_the_same() {
    for errno in [libc::EPERM, libc::EINVAL, libc::EOPNOTSUPP, libc::ENODEV] {
        let faults = Faults { always: Some((Call::Reserve, errno)), ..Faults::default() };
        let Ended { file, result } = run(RouteChoice::Auto, faults);
        result.unwrap();
        assert!(file.bytes() == new(), "{errno}");
    }
}

#[test]
fn short_and_interrupted_transfers_are_gone_on_with() {
    for choice in CHOICES {
        for seed in 0..25 {
            let Ended { file, result } =
                run(choice, Faults { seed: Some(seed), ..Faults::default() });
            assert!(result.is_ok(), "{choice:?}, seed {seed}: {result:?}");
            assert!(file.bytes() == new(), "{choice:?}, seed {seed}");
        }
    }
}

#[test]
fn power_cut_at_any_moment_leaves_the_old_file_or_the_new_one() {
    for choice in CHOICES {
        let Ended { file, result } = run(choice, Faults::default());
        result.unwrap();
        let (old, new, mut seen_new) = (old(), new(), 0);
        for events in 0..=file.events() {
            for seed in 0..20 {
                let left = file.after_power_cut(events, seed);
                let is_old = left.len() >= OLD_LEN && left[..OLD_LEN] == old;
                assert!(is_old || left == new, "{choice:?}, {events} events, seed {seed}");
                seen_new += usize::from(!is_old);
            }
        }
        assert!(seen_new > 0, "{choice:?}: the new file is never seen");
    }
}

#[test]
fn cancelled_run_leaves_the_old_file() {
    let file = MemoryFile::new(&old());
    let in_place = InPlaceFile::in_storage(Path::new("movie"), Box::new(file.clone()));
    let mut builder = ScheduleBuilder::appending(4096, OLD_LEN as u64);
    builder.push_inline(&[6; 3000]);
    let mut target = Target::append(in_place);
    let options = CopyOptions {
        route: RouteChoice::Auto,
        memory_budget: 8 << 20,
        sources_wanted_again: false,
    };
    let control = Control::default();
    execute(&builder.finish(), &[], &mut target, &options, &control).unwrap();
    assert_eq!(file.bytes().len(), OLD_LEN + 3000);
    control.cancel.cancel();
    assert!(matches!(target.commit(&control), Err(IoError::Cancelled)));
    assert!(file.bytes() == old());
    assert_eq!(file.identity().unwrap().mtime_ns, 7);
}

/// Appends to a file of 200,000 bytes, on a filesystem of this kind where these calls do not work.
fn run_on(filesystem: platform::Filesystem, missing: Option<(Call, i32)>, free: u64) -> Ended {
    let faults = Faults {
        filesystem: Some(filesystem),
        always: missing,
        free: Some(free),
        ..Faults::default()
    };
    run(RouteChoice::Auto, faults)
}

#[cfg(target_os = "linux")]
#[test]
fn server_is_asked_to_share_before_it_is_asked_to_copy() {
    use platform::Filesystem::{Nfs, Remote, Smb};
    for server in [Nfs, Smb] {
        let Ended { file, result } = run_on(server, None, 1 << 30);
        assert!(file.bytes() == new());
        let outcome = result.unwrap();
        assert!(outcome.bytes_by_route.by(Route::Reflink) >= 147_456, "{outcome:?}");
        assert!(!file.calls().contains(&Call::Copy), "{server:?}");
        // One call says that it does not, and the server copies.
        let Ended { file, result } = run_on(server, Some((Call::Share, libc::EOPNOTSUPP)), 1 << 30);
        assert!(file.bytes() == new());
        let outcome = result.unwrap();
        assert!(outcome.bytes_by_route.by(Route::Kernel) >= 147_456, "{outcome:?}");
        assert_eq!(file.calls().iter().filter(|call| **call == Call::Share).count(), 1);
        let refused = outcome.refused.iter().find(|refused| refused.name == "reflink").unwrap();
        assert_eq!(refused.reason, "the filesystem does not share blocks between files");
        // One that can neither is written to.
        let Ended { file, result } = run_on(server, Some((Call::Copy, libc::EOPNOTSUPP)), 1 << 30);
        result.unwrap();
        assert!(file.bytes() == new());
    }
    let Ended { file, result } = run_on(Remote, None, 1 << 30);
    result.unwrap();
    assert!(file.bytes() == new() && !file.calls().contains(&Call::Share));
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_reserved_on_nfs_and_the_outcome_says_so_where_room_may_run_out() {
    use platform::Filesystem::{Nfs, Smb};
    let no_sharing = Some((Call::Share, libc::EOPNOTSUPP));
    let reservations =
        |ended: &Ended| ended.file.calls().iter().filter(|call| **call == Call::Reserve).count();
    let told = |missing, free| {
        let ended = run_on(Nfs, missing, free);
        assert_eq!(reservations(&ended), 0);
        ended.result.unwrap().warnings
    };
    assert!(told(no_sharing, 1 << 30).is_empty());
    // 170,000 bytes are written: another program may take the rest meanwhile.
    let warnings = told(no_sharing, 300_000);
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.starts_with("no room can be reserved on the NFS server: 1"), "{warning}");
    assert!(
        warning.contains(" bytes are written and 300000 are free; if it fills up"),
        "{warning}"
    );
    // What is shared takes no room.
    assert!(told(None, 300_000).is_empty());
    let smb = run_on(Smb, no_sharing, 1 << 30);
    assert!(reservations(&smb) > 0);
    assert!(smb.result.unwrap().warnings.is_empty());
    // A server that says that it is full is believed before the first byte.
    let full = run_on(Nfs, no_sharing, 1000);
    let told = full.result.unwrap_err();
    assert!(matches!(told, IoError::NoSpace { available: 1000, .. }), "{told}");
    assert!(full.file.bytes() == old());
}

#[test]
fn source_that_its_server_does_not_know_any_more_has_changed() {
    for (choice, call) in [
        (RouteChoice::Only(Route::Reflink), Call::Share),
        (RouteChoice::Only(Route::Kernel), Call::Copy),
        (RouteChoice::Only(Route::Buffered), Call::Read),
    ] {
        let stale = |call| Faults { always: Some((call, libc::ESTALE)), ..Faults::default() };
        let base = MemoryFile::with_faults(&bytes_of(1, 300_000), stale(Call::Read));
        let clip = MemoryFile::new(&bytes_of(2, 100_000));
        let sources =
            [base, clip].map(|file| Source::in_storage(Path::new("source"), Box::new(file)));
        // Sharing and copying are calls of the target.
        let faults = if call == Call::Read { Faults::default() } else { stale(call) };
        let file = MemoryFile::with_faults(&old(), faults);
        let in_place = InPlaceFile::in_storage(Path::new("movie"), Box::new(file));
        let mut target = Target::append(in_place);
        let options =
            CopyOptions { route: choice, memory_budget: 8 << 20, sources_wanted_again: false };
        let result = execute(&schedule(), &sources, &mut target, &options, &Control::default());
        let told = result.unwrap_err();
        let expected = "source changed while it was used: its server does not know it any more";
        match call {
            // Whose file it is that is gone is found by reading.
            Call::Copy | Call::Read => assert_eq!(told.to_string(), expected, "{choice:?}"),
            _ => assert!(matches!(told, IoError::Failed { .. }), "{choice:?}: {told}"),
        }
    }
}
