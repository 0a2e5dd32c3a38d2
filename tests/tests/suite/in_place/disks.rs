//! Full disks, power cuts on real file systems, and movies of gigabytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use intercut_tests::builder::{Layout, MovieSpec, sparse};
use intercut_tests::in_place_job::InPlaceJob;
use intercut_tests::media;
use intercut_tests::oracle::further;
use intercut_tests::oracle::in_place::shown::shown;
use intercut_tests::oracle::in_place::walker::{Walk, walk_file};
use intercut_tests::program::intercut;
use intercut_tests::random::Random;
use intercut_tests::storage::{Filesystem, Mounted, filled_to};
use tempfile::TempDir;

#[test]
fn full_disk_is_known_before_the_first_byte_and_the_movie_stays_as_it_is() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Ext4, 48 << 20) else { return };
    let job = InPlaceJob::new(&mounted.path(), Layout::WideMdatMoov, 600_000);
    let _ballast = filled_to(&mounted.path(), 1 << 20);
    let output = job.insert(&[]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no room for") && said.contains("movie.mov"), "{said}");
    job.assert_untouched(&said);
}

/// Inserts and undoes while the file system's image is copied; the copies are mounted as after a power cut.
fn power_is_cut_on(kind: Filesystem, options: &str) {
    let Some(outer) = Mounted::or_skip(Filesystem::Xfs, 4 << 30) else { return };
    let Some(inner) = Mounted::or_skip_in(kind, 400 << 20, &outer.path()) else { return };
    let job = InPlaceJob::new(&inner.path(), Layout::WideMdatMoov, 400_000);
    let mut random = Random::new(0xd15c);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..3 {
        job.reset();
        inner.sync();
        let begun = Instant::now();
        job.succeeds(&mut job.insert(&[]));
        let usual = begun.elapsed();
        job.succeeds(&mut job.undo(&[]));
        inner.sync();
        let mut images = vec![(inner.snapshot(&outer, 0), Some(false))];
        for (is_insert, mut command) in [(true, job.insert(&[])), (false, job.undo(&[]))] {
            let mut child = command.spawn().expect("it runs");
            while child.try_wait().expect("it can be asked").is_none() && images.len() < 8 {
                std::thread::sleep(usual.mul_f64(random.share_of(0.5)));
                images.push((inner.snapshot(&outer, images.len()), None));
            }
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            images.push((inner.snapshot(&outer, images.len()), Some(is_insert)));
        }
        for (number, (image, must_be_new)) in images.iter().enumerate() {
            let context = format!("{kind:?}, round {round}, image {number}");
            let after = Mounted::of_image(image, options).expect("it can be mounted");
            let bytes = fs::read(after.path().join("movie.mov")).expect("it is there");
            let is_new = job.is_new(&bytes).unwrap_or_else(|found| panic!("{context}: {found}"));
            assert!(must_be_new.is_none_or(|must| must == is_new), "{context}: new: {is_new}");
            let tail =
                if !is_new && bytes.len() > job.before.bytes.len() { " and a tail" } else { "" };
            let movie = if is_new { "the new movie" } else { "the old movie" };
            *seen.entry(format!("{movie}{tail}")).or_default() += 1;
            if must_be_new.is_none() && !is_new {
                // Whatever the cut left, the next insert makes the new movie of it.
                let movie = after.path().join("movie.mov");
                succeeds(&["insert".as_ref(), &movie, &job.clip, "--no-progress".as_ref()]);
                let now = shown(&fs::read(&movie).expect("it is there")).expect("it is a movie");
                now.has_samples_of(&job.new).unwrap_or_else(|found| panic!("{context}: {found}"));
            }
            drop(after);
            fs::remove_file(image).expect("an image can be removed");
        }
    }
    println!("{kind:?}: {seen:?}");
}

#[test]
fn power_cut_on_ext4_leaves_the_old_movie_or_the_new_one() {
    power_is_cut_on(Filesystem::Ext4, "loop");
}

#[test]
fn power_cut_on_xfs_leaves_the_old_movie_or_the_new_one() {
    power_is_cut_on(Filesystem::Xfs, "loop,nouuid");
}

#[test]
fn power_cut_on_btrfs_leaves_the_old_movie_or_the_new_one() {
    power_is_cut_on(Filesystem::Btrfs, "loop");
}

/// What is to be known of a movie of gigabytes.
struct Large {
    walk: Walk,
    /// Where each picture is.
    pictures: Vec<(u64, u64)>,
    has_long_offsets: bool,
    path: PathBuf,
}

impl Large {
    fn open(path: &Path) -> Self {
        let file = File::open(path).expect("it is there");
        let walk = walk_file(&file).unwrap_or_else(|found| panic!("{}: {found}", path.display()));
        let range = walk.moov().range.clone();
        let mut moov = vec![0; usize::try_from(range.end - range.start).expect("it is short")];
        file.read_exact_at(&mut moov, range.start).expect("it can be read");
        // The timecode is the first track.
        let pictures = further::sample_ranges(&moov).expect("mp4parse reads it").remove(1);
        let has_long_offsets = moov.windows(4).any(|kind| kind == b"co64");
        Self { walk, pictures, has_long_offsets, path: path.to_owned() }
    }

    fn picture(&self, number: usize) -> Vec<u8> {
        let (start, end) = self.pictures[number];
        self.bytes(start, usize::try_from(end - start).expect("it is short"))
    }

    /// Opened for this alone: an undo cuts nothing off while somebody has the movie open.
    fn bytes(&self, start: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        let file = File::open(&self.path).expect("it is there");
        file.read_exact_at(&mut bytes, start).expect("it can be read");
        bytes
    }
}

/// Inserts two pictures into a sparse movie of `count` pictures of `size` bytes, and takes them back.
fn insert_into_gigabytes(layout: Layout, count: usize, size: u32) -> (Large, Large) {
    let folder = TempDir::with_prefix_in("gigabytes-", media::tmp_dir()).expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let (movie, clip) = (path("movie.mov"), path("clip.mov"));
    sparse::write_in(layout, &movie, *b"ap4h", 90_000, count, size);
    let spec = MovieSpec::with_timecode(5, 90_001, vec![3_000_000, 3_000_001]);
    spec.write(&clip);
    let old = Large::open(&movie);
    let metadata = fs::metadata(&movie).expect("it is there");
    let head = old.bytes(0, 4096);
    succeeds(&["insert".as_ref(), &movie, &clip, "--no-progress".as_ref()]);
    let new = Large::open(&movie);
    for number in 0..count {
        if (1..3).contains(&number) {
            let expected = spec.sample_bytes(0, number - 1);
            assert!(new.picture(number) == expected, "{layout:?}: picture {number}");
        } else {
            assert_eq!(new.pictures[number], old.pictures[number], "{layout:?}: {number} moved");
        }
    }
    succeeds(&["undo".as_ref(), &movie]);
    let undone = fs::metadata(&movie).expect("it is there");
    let of = |metadata: &fs::Metadata| (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    assert_eq!(of(&undone), of(&metadata), "{layout:?}");
    let again = Large::open(&movie);
    assert_eq!((&again.walk, &again.pictures), (&old.walk, &old.pictures), "{layout:?}");
    assert!(again.bytes(0, 4096) == head, "{layout:?}: the first block differs");
    (old, new)
}

fn succeeds(arguments: &[&Path]) {
    let mut command = Command::new(intercut());
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let Output { status, stderr, .. } = output.expect("the command runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
}

#[test]
fn movie_that_grows_past_four_gigabytes_gets_long_sizes_and_offsets() {
    // The last picture begins below 4 GiB, and ends just below it too: the size of `mdat` has 32 bits.
    for (layout, kinds) in [
        (Layout::WideMdatMoov, "ftyp mdat moov"),
        (Layout::NoWide, "ftyp mdat mdat moov"),
        (Layout::MoovFirst, "ftyp mdat moov"),
    ] {
        let (old, new) = insert_into_gigabytes(layout, 4, 1_073_700_000);
        assert!(!old.has_long_offsets && new.has_long_offsets, "{layout:?}");
        assert_eq!(new.walk.kinds(), kinds, "{layout:?}");
        assert!(new.pictures[2].0 > 1 << 32, "{layout:?}: {:?}", new.pictures);
    }
}

#[test]
fn movie_above_four_gigabytes_is_inserted_into_like_any_other() {
    for layout in [Layout::LongMdat, Layout::MdatToEnd] {
        let (old, new) = insert_into_gigabytes(layout, 6, 1_000_000_007);
        assert!(old.has_long_offsets && new.has_long_offsets, "{layout:?}");
        assert_eq!(new.walk.kinds(), "ftyp mdat moov", "{layout:?}");
    }
}

#[test]
fn short_offsets_of_a_movie_above_four_gigabytes_become_long() {
    // Every picture begins below 4 GiB; the last ends above it.
    let (old, new) = insert_into_gigabytes(Layout::MdatToEnd, 5, 1_000_000_007);
    assert!(!old.has_long_offsets && new.has_long_offsets);
}
