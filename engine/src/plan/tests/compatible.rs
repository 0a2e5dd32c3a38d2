//! What rules a clip out, what only warns, and that all the reasons are told at once.

use super::*;
use crate::codec::color::{ColorAtom, ColorCodes, PixelAspect};
use crate::codec::{Chroma, FrameHeader, Scan};
use crate::movie::Unsupported;

fn header() -> FrameHeader {
    FrameHeader {
        width: 4096,
        height: 2928,
        scan: Scan::Progressive,
        chroma: Chroma::Full,
        alpha: false,
        color: Some(ColorCodes { primaries: 1, transfer: 1, matrix: 1 }),
    }
}

fn base() -> Film {
    film("base.mov", "01:00:00:00", 100)
}

fn clip() -> Film {
    film("a.mov", "01:00:01:00", 10)
}

fn with_headers(change: impl Fn(&mut FrameHeader)) -> (Film, Film) {
    let (mut base, mut clip) = (base(), clip());
    let mut header = header();
    base.format.frame_header = Some(header);
    change(&mut header);
    clip.format.frame_header = Some(header);
    (base, clip)
}

#[test]
fn every_difference_of_every_clip_is_told_in_one_go() {
    let mut wrong = film("wrong.mov", "01:00:02:00", 10).counted((24, 1), false, "01:00:02:00");
    wrong.format.description.codec = FourCc(*b"apch");
    wrong.format.description.width = 1920;
    wrong.format.description.height = 1080;
    let mut foreign = film("foreign.mov", "01:00:03:00", 10);
    foreign.format.description.codec = FourCc(*b"avc1");
    let late = film("late.mov", "09:00:00:00", 10);
    assert_eq!(
        refusals(&base(), &[wrong, foreign, late, clip()], &options()),
        [
            "/films/foreign.mov: its codec is H.264 ('avc1'), the base's is ProRes 4444 ('ap4h')",
            "/films/late.mov: its timecode 09:00:00:00 to 09:00:00:10 is not in the base (01:00:00:00 to 01:00:04:00)",
            "/films/wrong.mov: its codec is ProRes 422 HQ ('apch'), the base's is ProRes 4444 ('ap4h')",
            "/films/wrong.mov: its sample description says 1920x1080 pixels, the base's says 4096x2928",
            "/films/wrong.mov: its frame rate is 24, the base's is 25",
        ]
    );
}

#[test]
fn refusal_lists_its_reasons_line_by_line() {
    let error = plan_films(
        &base(),
        &[film("b.mov", "09:00:00:00", 10), film("c.mov", "09:00:00:00", 10)],
        &options(),
    )
    .expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "the plan is refused for 2 reasons:\
         \n  /films/b.mov: its timecode 09:00:00:00 to 09:00:00:10 is not in the base (01:00:00:00 to 01:00:04:00)\
         \n  /films/c.mov: its timecode 09:00:00:00 to 09:00:00:10 is not in the base (01:00:00:00 to 01:00:04:00)"
    );
    assert_eq!(error.refusals[0].reason.code(), "outside_base");
}

/// The same movie in another codec, with this sample description.
fn described(mut film: Film, codec: &[u8; 4], payload: &[u8]) -> Film {
    film.format.description.codec = FourCc(*codec);
    film.format.description.payload = payload.to_vec();
    film
}

#[test]
fn any_codec_is_spliced_if_the_descriptions_are_the_same_and_damage_that_cannot_be_seen_is_told() {
    let (base, clip) = (described(base(), b"CFHD", &[7; 90]), described(clip(), b"CFHD", &[7; 90]));
    assert_eq!(
        planned(&base, &[clip], &options()).warnings,
        [
            "of damaged frames of CineForm ('CFHD') only empty ones and zeros are seen: its frames have no header that is known here"
        ]
    );
}

#[test]
fn other_sample_description_of_another_codec_is_refused_and_the_part_that_differs_is_named() {
    let fields = |name: u8| [&[0; 42][..], &[name; 32], &[0; 4]].concat();
    let part = |clip_payload: &[u8]| {
        let base = described(base(), b"avc1", &[&fields(1)[..], b"\0\0\0\x0aavcC12"].concat());
        refusals(&base, &[described(clip(), b"avc1", clip_payload)], &options())
    };
    let told = |what: &str| {
        [format!("/films/a.mov: its sample description is not the base's: they differ in {what}")]
    };
    let other_sets = [&fields(1)[..], b"\0\0\0\x0aavcC13"].concat();
    assert_eq!(part(&other_sets), told("'avcC'"));
    let more = [&fields(1)[..], b"\0\0\0\x0aavcC12\0\0\0\x09pasp1"].concat();
    assert_eq!(part(&more), told("'pasp'"));
    let trailing = [&fields(1)[..], b"\0\0\0\x0aavcC12\0\0\0\x09btrt1xyz"].concat();
    assert_eq!(part(&trailing), told("the bytes behind its atoms"));
    let other_encoder = [&fields(2)[..], b"\0\0\0\x0aavcC12"].concat();
    assert_eq!(part(&other_encoder), told("the name of its encoder"));
}

#[test]
fn bit_rate_of_a_movie_is_no_difference() {
    let of = |film: Film, rest: &[u8]| described(film, b"avc1", &[&[0; 78], rest].concat());
    let base = of(base(), b"\0\0\0\x0abtrt12\0\0\0\x0aavcC12");
    for rest in [&b"\0\0\0\x0abtrt34\0\0\0\x0aavcC12"[..], b"\0\0\0\x0aavcC12"] {
        assert_eq!(planned(&base, &[of(clip(), rest)], &options()).clips.len(), 1);
    }
}

#[test]
fn fields_of_another_codec_cannot_be_allowed_to_differ() {
    let (mut base, mut clip) = (described(base(), b"AVdh", &[1]), described(clip(), b"AVdh", &[2]));
    base.format.description.fiel = Some([1, 0]);
    clip.format.description.fiel = Some([2, 9]);
    let allowed = PlaceOptions { allow_field_order: true, ..options() };
    assert_eq!(
        refusals(&base, &[clip], &allowed),
        [
            "/films/a.mov: its sample description says 2 fields in order 9, the base's says progressive"
        ]
    );
}

#[test]
fn movies_whose_frames_need_others_are_refused_by_their_codec_with_all_else_that_differs() {
    let dependent = Unsupported::NotIntra {
        track: 1,
        codec: FourCc(*b"avc1"),
        offset: 40,
        sync_samples: 2,
        samples: 10,
    };
    let moved = Unsupported::CompositionOffsets { track: 1, offset: 90, entry: 0, value: 512 };
    let mut clip = described(clip(), b"avc1", &[]).counted((24, 1), false, "01:00:01:00");
    clip.obstacles.of_pictures = vec![dependent, moved];
    assert_eq!(
        refusals(&base(), std::slice::from_ref(&clip), &options()),
        [
            "/films/a.mov: track 1: its codec is H.264 ('avc1'), and 8 of its 10 frames need other frames to be decoded ('stss' at byte 40)",
            "/films/a.mov: track 1: composition offsets ('ctts' at byte 90, entry 0 is 512)",
            "/films/a.mov: its codec is H.264 ('avc1'), the base's is ProRes 4444 ('ap4h')",
            "/films/a.mov: its frame rate is 24, the base's is 25",
        ]
    );
}

#[test]
fn what_only_a_base_must_not_have_is_let_pass_in_a_clip() {
    let offsets = Unsupported::FileOffsets { kind: FourCc(*b"iloc"), offset: 77 };
    let (mut base, mut clip) = (base(), clip());
    clip.obstacles.of_the_rest = vec![offsets.clone()];
    assert_eq!(planned(&base, std::slice::from_ref(&clip), &options()).clips.len(), 1);
    base.obstacles.of_the_rest = vec![offsets];
    assert_eq!(
        refusals(&base, &[clip], &options()),
        [
            "/films/base.mov: 'iloc' at byte 77 holds offsets in the file, which would no longer be right"
        ]
    );
}

#[test]
fn timecode_that_counts_at_another_rate_than_the_bases_is_refused() {
    let fast = FrameRate::matching(50, 1).expect("a rate");
    let mut base = base();
    base.format.rate = fast;
    let clip = clip().counted((50, 1), false, "01:00:01:00");
    assert_eq!(
        refusals(&base, &[clip], &options()),
        ["/films/a.mov: its timecode counts 50 frames a second, the base's counts 25"]
    );
}

#[test]
fn timecode_described_as_30_over_pictures_at_30000_1001_counts_each_picture() {
    let mut base = base().counted((30, 1), false, "01:00:00:00");
    let clip = clip().counted((30_000, 1001), false, "01:00:01:00");
    base.format.rate = clip.format.rate;
    assert_eq!(places(&planned(&base, &[clip], &options())), [(30, 40, 0, 10)]);
}

#[test]
fn drop_frame_against_non_drop_is_refused() {
    let base = base().counted((30_000, 1001), false, "01:00:00:00");
    let clip = clip().counted((30_000, 1001), true, "01:00:01;00");
    assert_eq!(
        refusals(&base, &[clip], &options()),
        ["/films/a.mov: its timecode is drop frame, the base's is non-drop"]
    );
}

#[test]
fn field_order_of_the_sample_description_is_refused_or_allowed_with_a_warning() {
    let (mut base, mut clip) = (base(), clip());
    base.format.description.fiel = Some([1, 0]);
    clip.format.description.fiel = Some([2, 9]);
    assert_eq!(
        refusals(&base, std::slice::from_ref(&clip), &options()),
        [
            "/films/a.mov: its sample description says 2 fields in order 9, the base's says progressive"
        ]
    );
    let plan = planned(&base, &[clip], &PlaceOptions { allow_field_order: true, ..options() });
    assert_eq!(
        plan.warnings,
        [
            "/films/a.mov: its sample description says 2 fields in order 9, the base's says progressive"
        ]
    );
}

#[test]
fn field_order_that_only_one_movie_states_is_not_compared() {
    let mut clip = clip();
    clip.format.description.fiel = Some([2, 9]);
    assert_eq!(planned(&base(), &[clip], &options()).warnings, Vec::<String>::new());
}

#[test]
fn field_order_of_the_frame_header_is_refused() {
    let (base, clip) = with_headers(|header| header.scan = Scan::BottomFieldFirst);
    assert_eq!(
        refusals(&base, &[clip], &options()),
        ["/films/a.mov: its frame header says bottom field first, the base's says progressive"]
    );
}

#[test]
fn alpha_is_refused_or_allowed_with_a_warning() {
    let (base, mut clip) = with_headers(|header| header.alpha = true);
    clip.format.description.depth = 32;
    let told = [
        "/films/a.mov: its sample description says alpha, the base's says no alpha",
        "/films/a.mov: its frame header says alpha, the base's says no alpha",
    ];
    assert_eq!(refusals(&base, std::slice::from_ref(&clip), &options()), told);
    let plan = planned(&base, &[clip], &PlaceOptions { allow_alpha: true, ..options() });
    assert_eq!(plan.warnings, told);
}

#[test]
fn picture_size_of_the_frame_header_is_refused() {
    let (base, clip) = with_headers(|header| header.height = 2160);
    assert_eq!(
        refusals(&base, &[clip], &options()),
        ["/films/a.mov: its frame header says 4096x2160 pixels, the base's says 4096x2928"]
    );
}

#[test]
fn colour_chroma_and_shape_only_warn_and_are_named() {
    let (mut base, mut clip) = with_headers(|header| {
        header.chroma = Chroma::Half;
        header.color = Some(ColorCodes { primaries: 9, transfer: 16, matrix: 9 });
    });
    base.format.description.colr = Some(ColorAtom::parse(b"nclc\x00\x01\x00\x01\x00\x01"));
    clip.format.description.colr = Some(ColorAtom::parse(b"nclc\x00\x09\x00\x10\x00\x09"));
    base.format.description.pasp = Some(PixelAspect::parse(&[0, 0, 0, 1, 0, 0, 0, 1]));
    clip.format.description.pasp = Some(PixelAspect::parse(&[0, 0, 0, 64, 0, 0, 0, 45]));
    assert_eq!(
        planned(&base, &[clip], &options()).warnings,
        [
            "/films/a.mov: its colour is nclc 9-16-9 (BT.2020, PQ, BT.2020), the base's is nclc 1-1-1 (BT.709); the base's is kept",
            "/films/a.mov: its pixel aspect is 64:45, the base's is 1:1; the base's is kept",
            "/films/a.mov: its frames are 4:2:2, the base's are 4:4:4",
            "/films/a.mov: its frames have colour 9-16-9 (BT.2020, PQ, BT.2020), the base's have 1-1-1 (BT.709)",
        ]
    );
}

#[test]
fn what_is_written_otherwise_but_means_the_same_is_no_difference() {
    let (mut base, mut clip) = (base(), clip());
    base.format.description.colr = Some(ColorAtom::parse(b"nclc\x00\x01\x00\x01\x00\x01"));
    clip.format.description.colr = Some(ColorAtom::parse(b"nclx\x00\x01\x00\x01\x00\x01\x00"));
    base.format.description.pasp = Some(PixelAspect::parse(&[0, 0, 0, 1, 0, 0, 0, 1]));
    clip.format.description.pasp = Some(PixelAspect::parse(&[0, 0, 0, 72, 0, 0, 0, 72]));
    base.format.description.fiel = Some([1, 0]);
    clip.format.description.fiel = Some([1, 6]);
    assert_eq!(planned(&base, &[clip], &options()).warnings, Vec::<String>::new());
}

#[test]
fn same_clip_twice_is_refused_under_any_name() {
    let clip = clip();
    let mut link = clip.clone();
    link.path = PathBuf::from("/links/b.mov");
    assert_eq!(
        refusals(&base(), &[link, clip], &options()),
        ["/links/b.mov: it is the same file as /films/a.mov"]
    );
}

#[test]
fn clip_that_is_the_base_is_refused() {
    let mut link = base();
    link.path = PathBuf::from("/links/b.mov");
    assert_eq!(
        refusals(&base(), &[link, clip()], &options()),
        ["/links/b.mov: it is the base itself"]
    );
}

#[test]
fn refused_clips_are_left_out_with_all_their_reasons() {
    let skip = PlaceOptions { skip_refused: true, ..options() };
    let mut late = film("late.mov", "09:00:00:00", 10);
    late.format.description.width = 2048;
    let clips = [late, clip()];
    let planned = plan_films(&base(), &clips, &skip).expect("a plan");
    assert_eq!(planned.clip_order, [1]);
    assert_eq!(
        left_out(&planned.plan),
        [
            "/films/late.mov: size: its sample description says 2048x2928 pixels, the base's says 4096x2928; its timecode 09:00:00:00 to 09:00:00:10 is not in the base \
          (01:00:00:00 to 01:00:04:00)"
        ]
    );
    assert_eq!(refusals(&base(), &clips[..1], &skip).len(), 2, "nothing is left to splice");
}
