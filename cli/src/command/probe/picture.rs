//! What `probe` says of pictures.
//!
//! - In: a movie, or a video track of one that is not whole.
//! - Out: [`Picture`]; names are those of the field, numbers those of the file.
//! - Not here: frames and timecode of a movie (`object`).

use intercut_engine::codec::{self, FrameHeader, Scan, VideoDescription};
use intercut_engine::movie::{Movie, Outline, PictureRate, Track};
use schemars::JsonSchema;
use serde::Serialize;

use crate::text;

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Picture {
    pub(super) track_id: u32,
    pub(super) codec: String,
    /// Its name, if it has one that is known.
    pub(super) codec_name: Option<&'static str>,
    #[serde(skip)]
    pub(super) codec_text: String,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) depth: u16,
    /// Frames per second, as `25/1`, by the duration that most samples have.
    pub(super) rate: Option<String>,
    #[serde(skip)]
    pub(super) rate_text: String,
    /// Whether samples last differently.
    pub(super) is_variable: bool,
    pub(super) samples: u32,
    /// Presented frames; none if the timeline cannot be followed.
    pub(super) frames: Option<u64>,
    /// What is presented, or all samples if the timeline cannot be followed.
    pub(super) seconds: f64,
    /// By the header of the first frame, else by the sample description.
    pub(super) fields: Option<String>,
    /// By the header of the first frame, else by the sample description.
    pub(super) alpha: Option<bool>,
    /// By the header of the first frame.
    pub(super) chroma: Option<String>,
    /// By the sample description.
    pub(super) color: Option<String>,
    /// By the header of the first frame.
    pub(super) frame_color: Option<String>,
    pub(super) pixel_aspect: Option<String>,
    pub(super) clean_aperture: Option<String>,
    /// By the sample description.
    pub(super) encoder: Option<String>,
}

impl Picture {
    pub(super) fn of_movie(movie: &Movie) -> Self {
        let format = movie.video_format();
        let rate = movie.outline().picture_rate(movie.video());
        let mut picture = Self::of(movie.video(), &format.description, rate);
        if let Some(header) = &format.frame_header {
            picture.add_header(header);
        }
        let frames = movie.frames().frame_count();
        picture.frames = Some(frames);
        let (numerator, denominator) = (format.rate.numerator(), format.rate.denominator());
        picture.seconds = frames as f64 * f64::from(denominator) / f64::from(numerator);
        picture
    }

    /// The pictures of a track, if its description can be read.
    pub(super) fn of_track(outline: &Outline, track: &Track) -> Option<Self> {
        let description = track.picture.as_ref()?;
        Some(Self::of(track, description, outline.picture_rate(track)))
    }

    fn of(track: &Track, description: &VideoDescription, rate: PictureRate) -> Self {
        let PictureRate { rate, is_variable, ticks, .. } = rate;
        let VideoDescription { codec, width, height, depth, colr, pasp, clap, .. } = description;
        Self {
            track_id: track.id,
            codec: codec.to_string(),
            codec_name: codec::name(*codec),
            codec_text: text::codec(*codec),
            width: *width,
            height: *height,
            depth: *depth,
            rate: rate.map(|rate| format!("{}/{}", rate.numerator(), rate.denominator())),
            rate_text: rate.map_or("no frame rate".to_owned(), text::rate),
            is_variable,
            samples: track.sample_count,
            frames: None,
            seconds: ticks as f64 / f64::from(track.timescale),
            fields: description.fields(),
            alpha: description.alpha(),
            chroma: None,
            color: colr.as_ref().map(ToString::to_string),
            frame_color: None,
            pixel_aspect: pasp.as_ref().map(ToString::to_string),
            clean_aperture: clap.as_ref().map(ToString::to_string),
            encoder: description.encoder(),
        }
    }

    fn add_header(&mut self, header: &FrameHeader) {
        self.fields = Some(match header.scan {
            Scan::TopFieldFirst | Scan::BottomFieldFirst => format!("interlaced, {}", header.scan),
            _ => header.scan.to_string(),
        });
        self.alpha = Some(header.alpha);
        self.chroma = Some(header.chroma.to_string());
        self.frame_color = header.color.map(|color| color.to_string());
    }

    /// `ap4h (ProRes 4444) 1920x1080, 25 fps, depth 24, progressive, 4:4:4, no alpha`.
    pub(super) fn line(&self) -> String {
        let rate = match self.is_variable {
            true => format!(
                "variable rate ({}, mostly {})",
                text::counted(self.samples.into(), "sample"),
                self.rate_text
            ),
            false => self.rate_text.clone(),
        };
        let mut facts = vec![
            format!("{} {}x{}", self.codec_text, self.width, self.height),
            rate,
            format!("depth {}", self.depth),
        ];
        facts.extend(self.fields.clone());
        facts.extend(self.chroma.clone());
        facts.extend(self.alpha.map(|alpha| if alpha { "alpha" } else { "no alpha" }.to_owned()));
        facts.join(", ")
    }

    /// Colour and shape; none if the movie says nothing of them.
    pub(super) fn color_line(&self) -> Option<String> {
        let in_frames = self.frame_color.as_ref().map(|color| format!("frames {color}"));
        let shape = self.pixel_aspect.as_ref().map(|aspect| format!("pixels {aspect}"));
        let seen = self.clean_aperture.as_ref().map(|area| format!("clean aperture {area}"));
        let facts = [self.color.clone(), in_frames, shape, seen].into_iter().flatten();
        let facts: Vec<String> = facts.collect();
        (!facts.is_empty()).then(|| facts.join(", "))
    }
}
