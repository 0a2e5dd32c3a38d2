//! What others see while a movie is changed in place, and what they keep from happening.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use intercut_engine::in_place::{Insert, Undo};
use intercut_engine::splice::Splice;
use intercut_io::Control;
use intercut_tests::builder::Layout;
use intercut_tests::in_place_job::InPlaceJob;
use intercut_tests::oracle::in_place::shown::shown;
use intercut_tests::skip;
use intercut_tests::trace::{self, Injection};

/// Inserts, and as many undos.
const ROUNDS: usize = 1000;

#[test]
fn reader_that_polls_while_a_thousand_inserts_and_undos_run_sees_no_third_movie() {
    let (_folder, job) = InPlaceJob::in_memory(Layout::WideMdatMoov, 600);
    let is_over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = [0_usize; 2];
            while !is_over.load(Ordering::Relaxed) {
                // It is closed at once: who has it open keeps undos from cutting it.
                let bytes = fs::read(&job.movie).expect("it is always there");
                let movie = shown(&bytes).unwrap_or_else(|found| panic!("{found}"));
                // A tail that could not be cut off puts the new pictures elsewhere.
                let is_new = movie.has_samples_of(&job.old).is_err();
                if is_new {
                    movie.has_samples_of(&job.new).unwrap_or_else(|found| panic!("{found}"));
                }
                seen[usize::from(is_new)] += 1;
            }
            seen
        });
        for _ in 0..ROUNDS {
            let splice = Splice::new(&job.movie).clips([&job.clip]);
            Insert::new(splice).run(&Control::default()).expect("the insert is made");
            Undo::new(&job.movie).run().expect("it is taken back");
        }
        is_over.store(true, Ordering::Relaxed);
        reader.join().expect("the reader saw no third movie")
    });
    println!("seen: the old movie {} times, the new one {} times", seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

/// Every byte of an open file.
fn read_whole(file: &File) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let mut file = file;
    file.read_to_end(&mut bytes).expect("it can be read");
    bytes
}

/// A process that has a file mapped and not open, until it is dropped.
struct Mapping(Child);

impl Mapping {
    /// `None` if there is no Python, which is noted as a skip.
    fn or_skip(path: &Path) -> Option<Self> {
        let program = "import mmap, os, sys\n\
                       file = os.open(sys.argv[1], os.O_RDONLY)\n\
                       view = mmap.mmap(file, 0, prot=mmap.PROT_READ)\n\
                       os.close(file)\n\
                       [os.close(other) for other in map(int, os.listdir('/proc/self/fd')) if other > 2 and \
                       os.path.exists('/proc/self/fd/%d' % other) and \
                       os.path.samefile('/proc/self/fd/%d' % other, sys.argv[1])]\n\
                       print('mapped', flush=True)\n\
                       sys.stdin.read()\n\
                       sys.exit(0 if sum(view[:]) else 1)\n";
        let mut command = Command::new("python3");
        command.args(["-c", program]).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                skip::note("python3", &error.to_string());
                return None;
            }
        };
        let mut line = String::new();
        let output = child.stdout.as_mut().expect("it has one");
        BufReader::new(output).read_line(&mut line).expect("it says a line");
        assert_eq!(line.trim(), "mapped");
        Some(Self(child))
    }

    /// Lets it look at every byte that it has mapped, and end; whether it came through.
    fn looks(mut self) -> bool {
        drop(self.0.stdin.take());
        self.0.wait().expect("it ends").success()
    }
}

#[test]
fn undo_cuts_nothing_off_while_somebody_has_the_movie_mapped() {
    let (_folder, job) = InPlaceJob::on_disk(Layout::WideMdatMoov, 600);
    job.succeeds(&mut job.insert(&[]));
    let len = job.now().bytes.len();
    let Some(mapping) = Mapping::or_skip(&job.movie) else { return };
    let (_, said) = job.succeeds(&mut job.undo(&[]));
    let now = job.now();
    assert_eq!(job.is_new(&now.bytes), Ok(false), "{said}");
    assert_eq!(now.bytes.len(), len, "it was cut: {said}");
    let left = len - job.before.bytes.len();
    assert!(said.contains(&left.to_string()), "how much is left is not said: {said}");
    assert!(mapping.looks(), "what it had mapped was cut off");
    let (_, said) = job.succeeds(&mut job.undo(&[]));
    job.assert_untouched(&format!("once nobody has it mapped: {said}"));
}

#[test]
fn undo_by_force_cuts_whoever_has_the_movie_open() {
    let (_folder, job) = InPlaceJob::on_disk(Layout::MoovFirst, 600);
    job.succeeds(&mut job.insert(&[]));
    let _reader = File::open(&job.movie).expect("it can be opened");
    job.succeeds(&mut job.undo(&["--force"]));
    job.assert_untouched("--force");
}

#[test]
fn who_has_the_movie_open_sees_the_old_one_until_it_is_opened_anew() {
    let (_folder, job) = InPlaceJob::on_disk(Layout::MoovFirst, 600);
    let reader = File::open(&job.movie).expect("it can be opened");
    let (_, said) = job.succeeds(&mut job.insert(&[]));
    assert!(said.contains("open"), "no word of the reader: {said}");
    // What the old header refers to is where it was.
    let bytes = read_whole(&reader);
    for track in &job.old.movie.tracks {
        for sample in &track.samples {
            let range = |bytes: &[u8]| {
                let at = usize::try_from(sample.offset).expect("a small file");
                bytes[at..at + usize::try_from(sample.size).expect("a small file")].to_vec()
            };
            assert!(range(&bytes) == range(&job.before.bytes));
        }
    }
}

#[test]
fn second_insert_of_two_at_once_is_refused_and_changes_nothing() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = InPlaceJob::on_disk(Layout::WideMdatMoov, 600);
    let held = [Injection::at("fsync", "delay_enter=2000000", 1)];
    let mut first =
        trace::background(&job.insert(&["--route", "buffered"]), &held).spawn().expect("it runs");
    let len = job.before.bytes.len() as u64;
    let len_now = || fs::metadata(&job.movie).expect("it is there").len();
    while first.try_wait().expect("it can be asked").is_none() && len_now() == len {
        std::thread::yield_now();
    }
    for mut second in [job.insert(&[]), job.undo(&[])] {
        let output = second.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("movie.mov"), "{said}");
    }
    let output = first.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(job.is_new(&job.now().bytes), Ok(true));
    job.succeeds(&mut job.undo(&[]));
    job.assert_untouched("after both");
}

#[test]
fn movie_with_another_name_changes_under_both_and_that_is_said() {
    let (folder, job) = InPlaceJob::on_disk(Layout::WideMdatMoov, 600);
    let other = folder.path().join("other name.mov");
    fs::hard_link(&job.movie, &other).expect("a link can be made");
    let (_, said) = job.succeeds(&mut job.insert(&[]));
    assert!(said.contains("2 names"), "{said}");
    assert_eq!(job.is_new(&fs::read(&other).expect("it is there")), Ok(true));
}
