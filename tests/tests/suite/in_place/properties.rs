//! Any base, any number of inserts: each is what the oracle says, each journal says how to take it back, and undos give back
//! every file that was, byte for byte, with its time of change.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use intercut_engine::in_place::{History, Insert, Undo};
use intercut_engine::splice::{LayoutChoice, Report, Splice, SpliceOptions};
use intercut_io::{Cancel, Control, Route, RouteChoice};
use intercut_tests::arbitrary::{Scenario, scenario};
use intercut_tests::builder::{Layout, MovieSpec, TrackSpec};
use intercut_tests::compare;
use intercut_tests::in_place_job::{Snapshot, set_modified};
use intercut_tests::media;
use intercut_tests::media::ffmpeg;
use intercut_tests::oracle::in_place::insert;
use intercut_tests::oracle::in_place::shown::shown;
use intercut_tests::oracle::reader::Movie;
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::DISK_ROUTES;
use intercut_tests::storage::{Filesystem, Mounted};
use proptest::prelude::*;
use tempfile::TempDir;

/// A movie that is inserted into, and every file that it was.
struct Stack {
    folder: TempDir,
    movie: PathBuf,
    files: Vec<Snapshot>,
}

impl Stack {
    fn of(base: &MovieSpec) -> Self {
        Self::on(&media::tmp_dir(), base)
    }

    fn on(disk: &Path, base: &MovieSpec) -> Self {
        let folder = TempDir::with_prefix_in("stack-", disk).expect("a folder");
        let movie = folder.path().join("movie.mov");
        base.write(&movie);
        set_modified(&movie, Duration::new(1_600_000_000, 5));
        let files = vec![Snapshot::of(&movie)];
        Self { folder, movie, files }
    }

    fn clip(&self, number: usize, spec: &MovieSpec) -> PathBuf {
        let path = self.folder.path().join(format!("clip {number}.mov"));
        spec.write(&path);
        path
    }

    /// Inserts clips, of which `replaced` says what they replace.
    fn insert(
        &mut self,
        clips: &[PathBuf],
        replaced: &[Replaced],
        route: Route,
    ) -> Result<Report, String> {
        let options = SpliceOptions::default().route(RouteChoice::Only(route));
        let splice = Splice::new(&self.movie).clips(clips).options(options);
        let report = Insert::new(splice).run(&Control::default());
        let report = report.map_err(|error| format!("{error:?}"))?;
        let (before, after) = (&self.files[self.files.len() - 1], Snapshot::of(&self.movie));
        let movies: Result<Vec<Movie>, String> =
            clips.iter().map(|clip| Movie::open(clip)).collect();
        insert::check(&before.bytes, &after.bytes, &movies?, replaced)?;
        let (bytes, modified) = insert::journal(&after.bytes)?.undo(&after.bytes)?;
        let modified_before =
            i128::from(before.modified.0) * 1_000_000_000 + i128::from(before.modified.1);
        if bytes != before.bytes || modified != modified_before {
            return Err("the journal leads to another file".to_owned());
        }
        self.files.push(after);
        Ok(report)
    }

    /// Takes every insert back.
    fn undo_all(mut self) -> Result<(), String> {
        let inserts = self.files.len() - 1;
        let history = History::read(&self.movie, &Cancel::default());
        let history = history.map_err(|error| format!("{error:?}"))?;
        if (history.inserts.len(), history.undoable_count()) != (inserts, inserts) {
            return Err(format!("{inserts} inserts, and the history has {history:?}"));
        }
        self.files.pop();
        while let Some(before) = self.files.pop() {
            let undone = Undo::new(&self.movie).run().map_err(|error| format!("{error:?}"))?;
            let now = Snapshot::of(&self.movie);
            if now != before {
                return Err(format!("{before:?} became {now:?}: {undone:?}"));
            }
        }
        match Undo::new(&self.movie).run() {
            Err(_) => Ok(()),
            Ok(undone) => Err(format!("there was something left to undo: {undone:?}")),
        }
    }
}

#[test]
fn five_inserts_into_every_layout_are_taken_back_byte_for_byte() {
    for layout in Layout::ALL {
        let mut base = MovieSpec::with_timecode(1, 90_000, (0..30).map(|n| 3000 + n).collect());
        base.tracks.push(TrackSpec::sound(30 * 1920, 9600));
        let mut stack = Stack::of(&base.in_layout(layout));
        for number in 0..5 {
            // Each takes some of the pictures of the one before.
            let first = 3 * number;
            let start = 90_000 + i32::try_from(first).expect("few frames");
            let spec = MovieSpec::with_timecode(10 + first as u64, start, vec![2000; 6]);
            let clip = stack.clip(number, &spec);
            let route = DISK_ROUTES[number % DISK_ROUTES.len()];
            let inserted = stack.insert(&[clip], &run(first, 6, 0, 0), route);
            inserted.unwrap_or_else(|found| panic!("{layout:?}, insert {number}: {found}"));
        }
        stack.undo_all().unwrap_or_else(|found| panic!("{layout:?}: {found}"));
    }
}

#[test]
fn long_pictures_are_where_whole_blocks_of_the_clip_are_whole_blocks() {
    let base = MovieSpec::with_timecode(1, 90_000, vec![500_001; 6]);
    let mut stack = Stack::of(&base);
    for (number, route) in DISK_ROUTES.into_iter().enumerate() {
        let clip = stack.clip(number, &MovieSpec::with_timecode(7, 90_002, vec![480_003; 3]));
        let inserted = stack.insert(&[clip], &run(2, 3, 0, 0), route);
        inserted.unwrap_or_else(|found| panic!("{route:?}: {found}"));
    }
    stack.undo_all().unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn inserts_share_the_blocks_of_clips_where_the_filesystem_can_and_are_taken_back() {
    for kind in [Filesystem::Xfs, Filesystem::Btrfs] {
        let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { continue };
        let base = MovieSpec::with_timecode(1, 90_000, vec![500_001; 6]);
        let mut stack = Stack::on(&mounted.path(), &base);
        for (number, route) in
            [Route::Reflink, Route::Mapped, Route::Reflink].into_iter().enumerate()
        {
            let clip = stack.clip(number, &MovieSpec::with_timecode(7, 90_002, vec![480_003; 3]));
            let report = stack.insert(&[clip], &run(2, 3, 0, 0), route);
            let report = report.unwrap_or_else(|found| panic!("{kind:?}, {route:?}: {found}"));
            let shared = report.copied.bytes_by_route.by(Route::Reflink);
            // The whole blocks of 1,440,009 bytes.
            assert_eq!(shared > 1_420_000, route == Route::Reflink, "{kind:?}: {shared} bytes");
        }
        stack.undo_all().unwrap_or_else(|found| panic!("{kind:?}: {found}"));
    }
}

#[test]
fn splice_that_continues_a_clone_shows_what_an_insert_shows_and_has_no_journal() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    for layout in Layout::ALL {
        let folder = TempDir::with_prefix_in("append-", mounted.path()).expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let (base, clip, output) = (path("base.mov"), path("clip.mov"), path("output.mov"));
        let mut spec = MovieSpec::with_timecode(1, 90_000, vec![3000; 12]);
        spec.tracks.push(TrackSpec::sound(12 * 1920, 9600));
        let before = spec.in_layout(layout).write(&base).bytes;
        MovieSpec::with_timecode(2, 90_003, vec![3100; 4]).write(&clip);
        let options = SpliceOptions::default().layout(LayoutChoice::Append);
        let splice = Splice::new(&base).clips([&clip]).output(&output).options(options);
        splice.run(&Control::default()).unwrap_or_else(|error| panic!("{layout:?}: {error:?}"));
        let after = fs::read(&output).expect("it was made");
        let clips = [Movie::open(&clip).expect("it is well-formed")];
        let checked = insert::check(&before, &after, &clips, &run(3, 4, 0, 0));
        checked.unwrap_or_else(|found| panic!("{layout:?}: {found}"));
        assert_eq!(insert::journal(&after).err().as_deref(), Some("no footer"), "{layout:?}");
        assert!(fs::read(&base).expect("it is there") == before, "{layout:?}: the base changed");
    }
}

#[test]
fn real_movies_play_as_before_but_for_the_pictures_that_were_inserted() {
    let mut base = ffmpeg::Recipe::new("in place base.mov", 30).at("01:00:00:00");
    base.sound = ffmpeg::Sound::Pcm24;
    let mut faststart = base.clone();
    (faststart.name, faststart.faststart) = ("in place faststart.mov".to_owned(), true);
    let mut clip = ffmpeg::Recipe::new("in place clip.mov", 5).at("01:00:00:10");
    clip.pattern = 7;
    for recipe in [base, faststart] {
        let folder = TempDir::with_prefix_in("real-", media::tmp_dir()).expect("a folder");
        let movie = folder.path().join("movie.mov");
        fs::copy(recipe.path(), &movie).expect("it can be copied");
        let clips = [clip.path()];
        let splice = Splice::new(&movie).clips(&clips);
        Insert::new(splice).run(&Control::default()).expect("the insert is made");
        let agreed = compare::agree(&movie, &recipe.path(), &clips, &run(10, 5, 0, 0));
        agreed.unwrap_or_else(|found| panic!("{}: {found}", recipe.name));
        Undo::new(&movie).run().expect("it is taken back");
        assert!(fs::read(&movie).expect("it is there") == fs::read(recipe.path()).expect("it is"));
    }
}

/// The clips of a scenario, one insert after another, or several at once where `together` says so.
fn insert_all(scenario: &Scenario, together: &[bool], route: Route) -> Result<(), String> {
    let mut stack = Stack::of(&scenario.base);
    let numbers: Vec<usize> = (0..scenario.clips.len()).collect();
    let is_joined = |_: &usize, next: &usize| together[next % together.len()];
    for group in numbers.chunk_by(is_joined) {
        let clips: Vec<PathBuf> =
            group.iter().map(|&number| stack.clip(number, &scenario.clips[number])).collect();
        let own = scenario.replaced.iter().filter(|one| group.contains(&one.clip));
        let own = own.map(|one| Replaced { clip: one.clip - group[0], ..*one });
        stack.insert(&clips, &own.collect::<Vec<_>>(), route)?;
    }
    stack.undo_all()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_inserts_into_any_base_are_taken_back_byte_for_byte(
        scenario in scenario(),
        together in prop::collection::vec(any::<bool>(), 6),
        route in 0..DISK_ROUTES.len(),
    ) {
        insert_all(&scenario, &together, DISK_ROUTES[route]).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn clip_that_was_inserted_into_is_a_clip_like_any_other_and_so_is_a_base() {
    let mut stack = Stack::of(&MovieSpec::with_timecode(1, 90_000, vec![3000; 20]));
    let mut other = Stack::of(&MovieSpec::with_timecode(2, 90_005, vec![3100; 8]));
    let clip = other.clip(1, &MovieSpec::with_timecode(3, 90_007, vec![3200; 2]));
    other.insert(&[clip], &run(2, 2, 0, 0), Route::Buffered).expect("it is a base");
    let changed = [other.movie.clone()];
    stack.insert(&changed, &run(5, 8, 0, 0), Route::Buffered).expect("it is a clip");
    let output = stack.folder.path().join("output.mov");
    let splice = Splice::new(&stack.movie).clips(&changed).output(&output);
    splice.run(&Control::default()).expect("it is a base of a splice");
    same_samples(&output, &stack.movie);
    stack.undo_all().expect("it is taken back");
    other.undo_all().expect("it is taken back");
}

fn same_samples(one: &Path, other: &Path) {
    let [one, other] = [one, other].map(|path| shown(&fs::read(path).expect("it can be read")));
    one.expect("a movie").has_samples_of(&other.expect("a movie")).expect("they are the same");
}
