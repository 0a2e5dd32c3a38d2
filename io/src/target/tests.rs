//! One target from creation to its name, and whatever may come between.

use std::ffi::OsStr;
use std::io::Write as _;

#[cfg(target_os = "linux")]
use intercut_test_kit::skip;

use super::naming::{create_new, with_fresh_name};
use super::*;

fn write(target: &Target, bytes: &[u8]) {
    storage::write_all_at(target.storage(), bytes, 0).unwrap();
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_dropped_target_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
    write(&target, b"half");
    drop(target);
    assert_eq!(names_in(folder.path()), [] as [&str; 0]);
}

#[test]
fn a_committed_target_has_its_name_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
    write(&target, b"whole");
    assert_eq!(names_in(folder.path()), [] as [&str; 0]);
    target.commit(&Control::default()).unwrap();
    assert_eq!(names_in(folder.path()), ["out.mov"]);
    assert_eq!(std::fs::read(&path).unwrap(), b"whole");
}

#[test]
fn a_name_that_is_taken_meanwhile_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
    std::fs::write(&path, b"theirs").unwrap();
    let error = target.commit(&Control::default()).unwrap_err();
    assert!(matches!(error, IoError::TargetExists { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    assert_eq!(names_in(folder.path()), ["out.mov"]);
}

#[test]
fn an_existing_file_is_replaced_only_when_the_new_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    std::fs::write(&path, b"old").unwrap();
    let refused = Target::create(&path, Replace::Refuse, &[]).unwrap_err();
    assert!(matches!(refused, IoError::TargetExists { .. }), "{refused}");
    let target = Target::create(&path, Replace::Allow, &[]).unwrap();
    write(&target, b"new");
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    target.commit(&Control::default()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert_eq!(names_in(folder.path()), ["out.mov"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_synced_target_is_out_of_the_page_cache_and_is_read_back_past_it() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let path = folder.path().join("out.mov");
    let mut target = Target::create(&path, Replace::Refuse, &[]).unwrap();
    let written: Vec<u8> = (0..(4 << 20) + 99).map(|n: u32| n.to_le_bytes()[1]).collect();
    write(&target, &written);
    let cached = |target: &Target| platform::cached_bytes(target.storage().as_file()?, 0, 8 << 20);
    if cached(&target).is_none_or(|bytes| bytes == 0) || target.sync().is_err() {
        return skip::note("cachestat", "this kernel does not tell what is cached");
    }
    if platform::filesystem(target.storage().as_file().unwrap()).unwrap().0
        == platform::Filesystem::Memory
    {
        return skip::note("disk", "this filesystem is the page cache");
    }
    target.read_past_cache();
    assert_eq!(cached(&target), Some(0));
    // A buffer that begins at a page, as readers in order have it.
    let mut read = memmap2::MmapMut::map_anon(8 << 20).unwrap();
    target.read_exact_at(&mut read[..4 << 20], 0).unwrap();
    assert_eq!(cached(&target), Some(0));
    assert!(read[..4 << 20] == written[..4 << 20]);
    target.read_exact_at(&mut read[1..100], 4 << 20).unwrap();
    assert_eq!(read[1..100], written[4 << 20..]);
    let past_the_end = target.read_exact_at(&mut read, 0).unwrap_err();
    assert_eq!(past_the_end.to_string(), format!("cannot read back {}", path.display()));
}

#[test]
fn a_source_is_refused_as_target_also_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let source_path = folder.path().join("base.mov");
    std::fs::write(&source_path, b"base").unwrap();
    let link = folder.path().join("link.mov");
    std::os::unix::fs::symlink(&source_path, &link).unwrap();
    let hard = folder.path().join("hard.mov");
    std::fs::hard_link(&source_path, &hard).unwrap();
    let sources = [Source::open(&source_path).unwrap()];
    for path in [&source_path, &link, &hard] {
        let error = Target::check(path, Replace::Allow, &sources).unwrap_err();
        assert!(matches!(error, IoError::TargetIsSource { .. }), "{error}");
    }
}

#[test]
fn a_link_planted_at_a_temporary_name_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, b"theirs").unwrap();
    let opened = File::open(folder.path()).unwrap();
    let planted = std::cell::OnceCell::new();
    let (mut file, name) = with_fresh_name(OsStr::new("out.mov"), |temporary| {
        planted.get_or_init(|| {
            let link = folder.path().join(temporary);
            std::os::unix::fs::symlink(&victim, &link).unwrap();
            link
        });
        create_new(&opened, temporary)
    })
    .unwrap();
    file.write_all(b"ours").unwrap();
    assert!(std::fs::symlink_metadata(folder.path().join(name)).unwrap().is_file());
    assert!(planted.get().unwrap().is_symlink());
    assert_eq!(std::fs::read(&victim).unwrap(), b"theirs");
    let nothing_is_free = |_: &OsStr| Err::<(), _>(io::ErrorKind::AlreadyExists.into());
    assert!(with_fresh_name(OsStr::new("out.mov"), nothing_is_free).is_err());
}

#[test]
fn a_name_that_ends_like_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["new/", "new/.", ".", "new/.."] {
        let error = Target::check(&folder.path().join(name), Replace::Refuse, &[]).unwrap_err();
        assert!(matches!(error, IoError::NotAFile { .. }), "{name}: {error}");
    }
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none").join("out.mov");
    let error = Target::check(&path, Replace::Refuse, &[]).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot open the folder of {}", path.display()));
}

#[test]
fn a_cancelled_commit_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
    let control = Control::default();
    control.cancel.cancel();
    assert!(matches!(target.commit(&control), Err(IoError::Cancelled)));
    assert_eq!(names_in(folder.path()), [] as [&str; 0]);
}

#[test]
fn one_run_at_a_time_makes_an_output() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.mov");
    let first = OutputLock::take(&output).unwrap();
    let _other = OutputLock::take(&folder.path().join("other.mov")).unwrap();
    let second = OutputLock::take(&output).unwrap_err();
    assert_eq!(
        second.to_string(),
        format!("{} is being made or changed by another run", output.display())
    );
    drop(first);
    drop(OutputLock::take(&output).unwrap());
    assert_eq!(names_in(folder.path()), [".other.mov.intercut-lock"]);
}

#[test]
fn lock_that_a_killed_run_left_locks_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".out.mov.intercut-lock"), b"").unwrap();
    drop(OutputLock::take(&folder.path().join("out.mov")).unwrap());
    assert_eq!(names_in(folder.path()), [] as [&str; 0]);
}
