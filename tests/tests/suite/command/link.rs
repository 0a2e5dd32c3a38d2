//! Linking a turnover as its users meet it: real movies in folders, strays among them, tables and JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use intercut_engine::discover::{Turnover, TurnoverError};
use intercut_engine::link::{
    Candidate, Confidence, LinkOptions, LinkReport, WhyUnlinked, link_turnover,
};
use intercut_io::Cancel;
use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::{command_in, ends_with};
use intercut_tests::media;
use intercut_tests::media::ffmpeg::{Profile, Recipe};
use serde_json::Value;
use tempfile::TempDir;

/// Two reels of a show, one hour apart, and what came back: grades, an effect, and strays.
struct Show {
    folder: TempDir,
}

impl Show {
    fn new() -> Self {
        let folder = TempDir::with_prefix_in("link-", media::tmp_dir()).expect("a folder");
        let show = Self { folder };
        for name in ["masters", "graded/vfx"] {
            fs::create_dir_all(show.path(name)).expect("a folder can be made");
        }
        let recipe = |timecode: &str, frames| Recipe::new("movie.mov", frames).at(timecode);
        show.put("masters/reel_1.mov", &recipe("01:00:00:00", 50));
        show.put("masters/reel_2.mov", &recipe("02:00:00:00", 50));
        show.put("masters/reel_3.mov", &recipe("03:00:00:00", 50));
        show.put("graded/REEL_1_S01.mov", &recipe("01:00:00:10", 5));
        show.put("graded/S02.mov", &recipe("02:00:00:10", 5));
        show.put("graded/vfx/reel_1_fx.mov", &recipe("01:00:00:12", 2));
        let mut proxy = recipe("01:00:00:20", 5);
        proxy.profile = Profile::Proxy;
        show.put("graded/reel_1_S03.mov", &proxy);
        show.put("graded/stray.mov", &recipe("09:00:00:00", 5));
        fs::write(show.path("graded/broken.mov"), b"half a download").expect("a file");
        fs::write(show.path("graded/notes.txt"), b"look at S03").expect("a file");
        show
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, recipe: &Recipe) {
        fs::copy(recipe.path(), self.path(name)).expect("it can be copied");
    }

    fn turnover(&self) -> Turnover {
        Turnover {
            bases: vec![self.path("masters")],
            clips: vec![self.path("graded")],
            vfx: vec![self.path("graded/vfx")],
            lists: Vec::new(),
            outputs: Vec::new(),
        }
    }

    fn intercut(&self, arguments: &str) -> Output {
        command_in(self.folder.path(), arguments).output().expect("the command runs")
    }
}

/// `(clip, base)` of each link, without folders.
fn links(report: &LinkReport) -> Vec<(String, String, Confidence)> {
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let row = |link: &intercut_engine::link::Link| {
        (name(&link.clip.path), name(&link.base), link.confidence)
    };
    report.links.iter().map(row).collect()
}

#[test]
fn turnover_is_linked_and_strays_are_told() {
    let show = Show::new();
    let report = link_turnover(&show.turnover(), &LinkOptions::default(), &Cancel::default())
        .expect("it is readable");
    let link = |clip: &str, base: &str, confidence| (clip.to_owned(), base.to_owned(), confidence);
    assert_eq!(
        links(&report),
        [
            link("REEL_1_S01.mov", "reel_1.mov", Confidence::High),
            link("S02.mov", "reel_2.mov", Confidence::Medium),
            link("reel_1_fx.mov", "reel_1.mov", Confidence::High),
        ]
    );
    let unlinked: Vec<(PathBuf, WhyUnlinked)> =
        report.unlinked.iter().map(|clip| (clip.clip.path.clone(), clip.why)).collect();
    let expected = [
        (show.path("graded/reel_1_S03.mov"), WhyUnlinked::NoMatch),
        (show.path("graded/stray.mov"), WhyUnlinked::NoMatch),
    ];
    assert_eq!(unlinked, expected);
    assert_eq!(
        report.unlinked[0].candidates[0].against,
        ["its codec is ProRes 422 Proxy ('apco'), the base's is ProRes 4444 ('ap4h')"]
    );
    // No base comes near: the first of those that are as far is told, and why it is not the one.
    let nearest = Candidate {
        base: show.path("masters/reel_1.mov"),
        confidence: None,
        evidence: Vec::new(),
        reasons: Vec::new(),
        against: vec![
            "its timecode 09:00:00:00 to 09:00:00:05 is not in the base (01:00:00:00 to 01:00:02:00)"
                .to_owned(),
        ],
    };
    assert_eq!(report.unlinked[1].candidates, [nearest]);
    let unreadable: Vec<&Path> = report.unreadable.iter().map(|one| one.path.as_path()).collect();
    assert_eq!(unreadable, [show.path("graded/broken.mov")]);
    assert_eq!(report.passed_over[0].path, show.path("graded/notes.txt"));
    let clips: Vec<usize> = report.bases.iter().map(|base| base.clips).collect();
    assert_eq!(clips, [2, 1, 0]);
    let jobs = report.jobs();
    assert_eq!(jobs[0].vfx, [show.path("graded/vfx/reel_1_fx.mov")]);
    assert!(!report.is_complete());
}

#[test]
fn damaged_base_in_a_folder_is_told_and_keeps_its_clips_from_others() {
    let show = Show::new();
    fs::write(show.path("masters/reel_1_b.mov"), b"half a copy").expect("a file");
    let clip = Recipe::new("movie.mov", 5).at("01:00:00:30");
    show.put("graded/reel_1_b_S09.mov", &clip);
    let report = link_turnover(&show.turnover(), &LinkOptions::default(), &Cancel::default())
        .expect("it is readable");
    let own = report.unlinked.iter().find(|one| one.clip.path.ends_with("reel_1_b_S09.mov"));
    let own = own.expect("it is nobody's");
    assert_eq!(own.why, WhyUnlinked::Ambiguous);
    assert!(own.candidates.iter().any(|one| one.against == ["the base cannot be opened"]));
}

#[test]
fn movie_that_is_named_outright_must_be_one() {
    let show = Show::new();
    let clips = vec![show.path("graded/broken.mov")];
    let turnover = Turnover { clips, vfx: Vec::new(), ..show.turnover() };
    let error = link_turnover(&turnover, &LinkOptions::default(), &Cancel::default())
        .expect_err("it is none");
    assert!(matches!(error, TurnoverError::Open(_)), "{error:?}");
}

#[test]
fn table_says_which_clip_belongs_where_and_why_others_do_not() {
    let show = Show::new();
    let output = show.intercut("link --bases masters --clips graded --vfx graded/vfx");
    let (out, err) = ends_with(&output, 0);
    let expected = " link               timecode      frames          movie
─────────────────────────────────────────────────────────────────────
                    01:00:00:00       50   base   masters/reel_1.mov
 high: name         01:00:00:10        5            REEL_1_S01.mov
 high: name         01:00:00:12        2   VFX      reel_1_fx.mov
                    02:00:00:00       50   base   masters/reel_2.mov
 medium: timecode   02:00:00:10        5            S02.mov

1 base has no clip:
  masters/reel_3.mov

2 clips have no base:
  graded/reel_1_S03.mov (01:00:00:20, 5 frames)
    one base comes near, but does not fit
    masters/reel_1.mov
      + its name holds the base's, 'reel_1'
      - its codec is ProRes 422 Proxy ('apco'), the base's is ProRes 4444
        ('ap4h')
  graded/stray.mov (09:00:00:00, 5 frames)
    no base has its name, its reel or its timecode
    masters/reel_1.mov
      - its timecode 09:00:00:00 to 09:00:00:05 is not in the base (01:00:00:00
        to 01:00:02:00)

3 of 6 clips linked, 1 of them VFX, to 2 of 3 bases
";
    assert_eq!(out, expected);
    assert!(out.lines().all(|line| line.chars().count() <= 80));
    assert!(err.contains("graded/broken.mov: passed over: not a movie"), "{err}");
    assert!(err.contains("graded/notes.txt: passed over: it is not named like a movie"), "{err}");
    assert!(err.contains("warning: 3 clips have no base"), "{err}");
}

#[test]
fn unlinked_clips_are_a_refusal_only_where_that_is_asked() {
    let show = Show::new();
    ends_with(&show.intercut("link --bases masters --clips graded --strict"), 3);
    ends_with(&show.intercut("link --bases masters --clips graded/REEL_1_S01.mov --strict"), 0);
    let broken = "link --bases masters --clips graded/broken.mov";
    ends_with(&show.intercut(broken), 1);
    let (_, err) = ends_with(&show.intercut("link --bases graded --clips graded"), 2);
    assert!(err.contains("is given both as a base and as a clip"), "{err}");
    ends_with(&show.intercut("link --bases masters"), 2);
}

#[test]
fn least_confidence_decides_what_is_linked() {
    let show = Show::new();
    let line = "link --bases masters --clips graded/S02.mov --json --min-confidence";
    let (out, _) = ends_with(&show.intercut(&format!("{line} high")), 0);
    let high: Value = serde_json::from_str(&out).expect("one object and nothing else");
    assert_eq!(high["schema"], "intercut.link/1");
    assert_eq!(high["min_confidence"], "high");
    assert_eq!(high["links"], Value::Array(Vec::new()));
    assert_eq!(high["unlinked"][0]["why"], "below_confidence");
    assert_eq!(high["unlinked"][0]["candidates"][0]["confidence"], "medium");
    let (out, _) = ends_with(&show.intercut(&format!("{line} medium")), 0);
    let medium: Value = serde_json::from_str(&out).expect("one object and nothing else");
    let link = &medium["links"][0];
    assert_eq!(link["base"], "masters/reel_2.mov");
    assert_eq!(link["clip"]["path"], "graded/S02.mov");
    assert_eq!(link["clip"]["rank"], "grade");
    assert_eq!(link["clip"]["movie"]["timecode_in"], "02:00:00:10");
    assert_eq!(link["clip"]["movie"]["timecode_out"], "02:00:00:15");
    assert_eq!(link["confidence"], "medium");
    assert_eq!(link["evidence"], serde_json::json!(["timecode"]));
    assert_eq!(medium["bases"][1]["clips"], 1);
}

#[test]
fn forty_bases_and_five_hundred_clips_are_linked_from_their_files() {
    let folder = TempDir::with_prefix_in("link-", media::tmp_dir()).expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for name in ["masters", "graded"] {
        fs::create_dir(path(name)).expect("a folder can be made");
    }
    for reel in 0..40 {
        let spec = MovieSpec::with_timecode(reel, 90_000, vec![40; 200]);
        spec.write(&path(&format!("masters/A{reel:03}.mov")));
    }
    for shot in 0..500 {
        let spec = MovieSpec::with_timecode(1000 + shot, 90_010, vec![40; 10]);
        spec.write(&path(&format!("graded/A{:03}_S{shot:03}.mov", shot % 40)));
    }
    let turnover = Turnover {
        bases: vec![path("masters")],
        clips: vec![path("graded")],
        ..Turnover::default()
    };
    let report = link_turnover(&turnover, &LinkOptions::default(), &Cancel::default())
        .expect("it is readable");
    assert_eq!((report.links.len(), report.unlinked.len()), (500, 0));
    assert!(report.links.iter().all(|link| link.confidence == Confidence::High));
}
