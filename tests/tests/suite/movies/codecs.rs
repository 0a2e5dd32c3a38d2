//! Codecs other than ProRes, as FFmpeg writes them: spliced if every frame stands alone and the sample descriptions are
//! the same, refused by name if not. Oracle, `mp4parse` and FFmpeg judge every result.

use std::path::{Path, PathBuf};

use intercut_engine::splice::{SpliceError, SpliceOptions};
use intercut_tests::media::ffmpeg::{Recipe, Sound};
use intercut_tests::media::tmp_dir;
use intercut_tests::oracle::splicer::run;
use intercut_tests::proof::{splice, splice_and_compare};
use tempfile::TempDir;

const H264_INTRA: &str = "libx264 -preset ultrafast -g 1 -pix_fmt yuv420p";

fn folder() -> TempDir {
    TempDir::with_prefix_in("codecs-", tmp_dir()).expect("a folder")
}

/// A movie of an encoder: 50 frames of 256 x 144 from 01:00:00:00, with sound.
fn base_by(encoder: &'static str) -> Recipe {
    let mut recipe = Recipe::new("base.mov", 50);
    (recipe.encoder, recipe.raster, recipe.sound) = (Some(encoder), (256, 144), Sound::Pcm16);
    recipe
}

/// Ten silent frames that belong at frame 20 of the base.
fn clip_by(encoder: &'static str) -> Recipe {
    let mut recipe = base_by(encoder).at("01:00:00:20");
    (recipe.name, recipe.frames, recipe.sound) = ("shot.mov".to_owned(), 10, Sound::None);
    recipe.pattern = 3;
    recipe
}

/// Splices a clip and has the result judged by all.
fn is_spliced(encoder: &'static str) {
    let folder = folder();
    let output = folder.path().join("output.mov");
    let (base, clips) = (base_by(encoder).path(), [clip_by(encoder).path()]);
    let replaced = splice_and_compare(&base, &clips, &output, SpliceOptions::default());
    assert_eq!(replaced, run(20, 10, 0, 0));
}

/// The warnings of a splice without what it says of the clips' names.
fn warnings(encoder: &'static str) -> Vec<String> {
    let folder = folder();
    let (base, clips) = (base_by(encoder).path(), [clip_by(encoder).path()]);
    let output = folder.path().join("output.mov");
    splice(&base, &clips, &output, SpliceOptions::default()).expect("it is spliced").warnings
}

/// Every reason against a clip in a base, which must be refused.
fn refused(base: &Path, clip: PathBuf) -> Vec<String> {
    let folder = folder();
    let output = folder.path().join("output.mov");
    match splice(base, &[clip], &output, SpliceOptions::default()) {
        Err(SpliceError::Plan(error)) => {
            assert!(!output.exists());
            error.refusals.iter().map(|refusal| refusal.reason.to_string()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn dnxhr_is_spliced() {
    is_spliced("dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p");
}

#[test]
fn cineform_is_spliced() {
    is_spliced("cfhd -pix_fmt yuv422p10le");
}

#[test]
fn uncompressed_ten_bit_is_spliced() {
    is_spliced("v210 -pix_fmt yuv422p10le");
}

#[test]
fn animation_whose_frames_stand_alone_is_spliced() {
    is_spliced("qtrle -pix_fmt rgb24 -g 1");
}

#[test]
fn jpeg_2000_is_spliced() {
    is_spliced("jpeg2000 -pix_fmt yuv422p");
}

#[test]
fn motion_jpeg_is_spliced() {
    is_spliced("mjpeg -pix_fmt yuvj422p");
}

#[test]
fn h264_intra_is_spliced() {
    is_spliced(H264_INTRA);
}

#[test]
fn damage_that_cannot_be_seen_is_told() {
    assert_eq!(
        warnings("cfhd -pix_fmt yuv422p10le"),
        [
            "of damaged frames of CineForm ('CFHD') only empty ones and zeros are seen: its frames have no header that is known here"
        ]
    );
}

#[test]
fn h264_with_predicted_frames_is_refused_by_its_codec() {
    let long = "libx264 -preset ultrafast -g 25 -pix_fmt yuv420p";
    let told = refused(&base_by(H264_INTRA).path(), clip_by(long).path());
    let expected = "track 1: its codec is H.264 ('avc1'), and 9 of its 10 frames need other frames to be decoded";
    assert!(told[0].starts_with(expected), "{told:?}");
    let told = refused(&base_by(long).path(), clip_by(H264_INTRA).path());
    let expected = "track 1: its codec is H.264 ('avc1'), and 48 of its 50 frames need other frames to be decoded";
    assert!(told[0].starts_with(expected), "{told:?}");
}

#[test]
fn h264_with_frames_out_of_order_is_refused_by_its_codec_first() {
    let reordered = "libx264 -preset medium -bf 2 -g 25 -pix_fmt yuv420p";
    let told = refused(&base_by(H264_INTRA).path(), clip_by(reordered).path());
    assert!(told[0].starts_with("track 1: its codec is H.264 ('avc1'), and 9 of "), "{told:?}");
    assert!(told[1].starts_with("track 1: composition offsets ('ctts' at byte "), "{told:?}");
    assert_eq!(told[2], "its sample description is not the base's: they differ in 'avcC'");
    assert_eq!(told.len(), 3);
}

#[test]
fn animation_of_differences_is_refused_by_its_codec() {
    let told = refused(
        &base_by("qtrle -pix_fmt rgb24 -g 1").path(),
        clip_by("qtrle -pix_fmt rgb24 -g 25").path(),
    );
    assert!(told[0].starts_with("track 1: its codec is Animation ('rle '), and 9 of "), "{told:?}");
}

#[test]
fn other_settings_of_an_encoder_are_refused_by_what_differs() {
    let main = "libx264 -preset ultrafast -g 1 -pix_fmt yuv420p -coder 1";
    let told = refused(&base_by(H264_INTRA).path(), clip_by(main).path());
    assert_eq!(told, ["its sample description is not the base's: they differ in 'avcC'"]);
    let prores = refused(&Recipe::new("base.mov", 50).path(), clip_by(H264_INTRA).path());
    assert_eq!(
        prores,
        [
            "its codec is H.264 ('avc1'), the base's is ProRes 4444 ('ap4h')",
            "its sample description says 256x144 pixels, the base's says 64x64",
        ]
    );
}
