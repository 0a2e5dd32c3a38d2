//! The options that the command line and a jobs file share, each written down once.
//!
//! - In: arguments, or TOML.
//! - Out: [`Placing`], [`Checking`], [`Writing`], which translate to the library's options; [`Settings`]: these and the files of a job.
//! - Holds: an option has the same name, values and help on the command line, in a jobs file and in its schema.
//! - To add one: a field in the list below, and a line in `place_options` or `splice_options`.
//! - Not here: which commands take them (`args`), which files a path means (`jobs`).

mod choice;
mod clip_entry;

use std::path::{PathBuf, absolute};

use clap::{Args, ValueEnum};
use intercut_engine::list::{Confidence, Transitions};
use intercut_engine::plan::{ClipEdges, ListOptions, Overlap, PlaceOptions, Versions};
use intercut_engine::splice::{CheckContent, LayoutChoice, SpliceOptions, VerifyMode};
use intercut_io::RouteChoice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use choice::Choice;
pub(crate) use clip_entry::ClipEntry;

/// Makes the groups that clap parses, and [`Keys`], the flat table that a jobs file has. serde could flatten the groups
/// into one table by itself, but would then lose the line of a wrong value.
macro_rules! options {
    ($(
        $(#[$about:meta])*
        $group:ident as $member:ident {
            $( $(#[doc = $doc:literal])+ #[arg($($arg:tt)+)] $name:ident: $type:ty, )+
        }
    )+) => {
        $(
            #[derive(Debug, Clone, Default, PartialEq, Args)]
            $(#[$about])*
            pub(crate) struct $group {
                $( $(#[doc = $doc])+ #[arg(long, $($arg)+)] $name: Option<$type>, )+
            }

            impl $group {
                /// These options, and from `others` what they leave open.
                fn or(self, others: &Self) -> Self {
                    Self { $( $name: self.$name.or_else(|| others.$name.clone()), )+ }
                }
            }
        )+

        /// What is said of one job, or of all.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename = "Settings", rename_all = "kebab-case", deny_unknown_fields)]
        struct Keys {
            /// The movie to splice into
            #[serde(skip_serializing_if = "Option::is_none")]
            base: Option<PathBuf>,
            /// Graded clips: files, folders (searched recursively), patterns such as "graded/*_v2.mov", or tables with a path
            #[serde(skip_serializing_if = "Option::is_none")]
            clips: Option<Vec<ClipEntry>>,
            /// VFX clips, in the same forms: they win over graded clips on every frame that both claim, and are never cut
            #[serde(skip_serializing_if = "Option::is_none")]
            vfx: Option<Vec<ClipEntry>>,
            /// The movie to write; in it {base} is replaced by the base's name without its extension, {folder} by the name of
            /// the base's folder
            #[serde(skip_serializing_if = "Option::is_none")]
            output: Option<PathBuf>,
            $($(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                $name: Option<$type>,
            )+)+
        }

        impl From<Keys> for Settings {
            fn from(keys: Keys) -> Self {
                $( let $member = $group { $( $name: keys.$name, )+ }; )+
                let Keys { base, clips, vfx, output, .. } = keys;
                Self { base, clips, vfx, output, $( $member, )+ }
            }
        }

        impl From<Settings> for Keys {
            fn from(settings: Settings) -> Self {
                let Settings { base, clips, vfx, output, $( $member, )+ } = settings;
                Self { base, clips, vfx, output, $($( $name: $member.$name, )+)+ }
            }
        }
    };
}

options! {
    /// How clips are placed.
    #[command(next_help_heading = "Placing clips")]
    Placing as placing {
        /// Which clip wins frames that several of one kind claim
        #[arg(value_name = "WHO", value_enum)]
        overlap: Choice<Overlap>,
        /// What happens to files that are versions of one shot, such as S01_v001 and S01_v002
        #[arg(value_name = "WHICH", value_enum)]
        versions: Choice<Versions>,
        /// Frames at each end of every graded clip that are handles and are not used
        #[arg(value_name = "N")]
        handles: u32,
        /// The same for VFX clips
        #[arg(value_name = "N")]
        vfx_handles: u32,
        /// What happens to clips that reach beyond the base
        #[arg(value_name = "HOW", value_enum)]
        clip_edges: Choice<ClipEdges>,
        /// Timecode of the base's first frame, if the base has no timecode track, such as 01:00:00:00
        #[arg(value_name = "TIMECODE")]
        base_timecode: String,
        /// Go on without the clips that are refused; a warning names each
        #[arg(num_args = 0, default_missing_value = "true")]
        skip_refused: bool,
        /// Place clips by this edit list: CMX 3600, OTIO, Final Cut Pro 7 XML or FCPXML (repeatable; later ones lie above)
        #[arg(value_name = "LIST")]
        edl: Vec<PathBuf>,
        /// Timecode that is added to every record timecode of the lists, such as 01:00:00:00 or -01:00:00:00
        #[arg(value_name = "[-]TIMECODE", allow_hyphen_values = true)]
        edl_offset: String,
        /// The timeline that is meant, in a list that holds several
        #[arg(value_name = "NAME")]
        edl_timeline: String,
        /// The lowest confidence of a place by list, or of a link, that is accepted
        #[arg(value_name = "HOW", value_enum)]
        min_confidence: Choice<Confidence>,
        /// What happens to events of a list that lie partly in a dissolve or a wipe
        #[arg(value_name = "HOW", value_enum)]
        transitions: Choice<Transitions>,
        /// Refuse a plan that leaves frames between two clips uncovered; with lists, events without a clip
        #[arg(num_args = 0, default_missing_value = "true")]
        complete: bool,
        /// Accept what is refused by default
        #[arg(value_name = "WHAT", value_enum, value_delimiter = ',')]
        allow: Vec<Allow>,
    }

    /// What is looked at before anything is written.
    #[command(next_help_heading = "Checking")]
    Checking as checking {
        /// Compare the pictures of each clip with those of the base that they replace: do they belong there, or some frames
        /// earlier or later, or to something else? With =strict clips that do not are refused, also with --skip-refused
        #[arg(value_name = "HOW", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "warn")]
        check_content: Choice<CheckContent>,
    }

    /// How the result is written.
    #[command(next_help_heading = "Writing")]
    Writing as writing {
        /// Put the movie header before the media, so that a player can start before the file has loaded
        #[arg(num_args = 0, default_missing_value = "true")]
        faststart: bool,
        /// How the movie is laid out
        #[arg(value_name = "HOW", value_enum)]
        layout: Choice<LayoutChoice>,
        /// How bytes are moved: one that is named and does not work is an error
        #[arg(value_name = "ROUTE", value_enum)]
        route: Choice<RouteChoice>,
        /// Check the movie before it gets its name
        #[arg(value_name = "MODE", value_enum)]
        verify: Choice<VerifyMode>,
    }
}

/// What is refused by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Allow {
    /// Clips whose field order differs from the base's
    FieldOrder,
    /// Clips with an alpha channel if the base has none, or without if it has one
    Alpha,
    /// Clips whose reel contradicts the base's
    Reel,
    /// Movies and lists that another program still has open for writing
    Growing,
    /// In a batch, outputs made again without clips that they have and that are gone
    RemovedClips,
}

impl Placing {
    /// The library's options, without what is said about single clips.
    pub(crate) fn place_options(&self) -> PlaceOptions {
        let allows = |what| self.allow.as_ref().is_some_and(|allow| allow.contains(&what));
        PlaceOptions {
            overlap: self.overlap.map(|choice| choice.value).unwrap_or_default(),
            versions: self.versions.map(|choice| choice.value).unwrap_or_default(),
            handles: self.handles.unwrap_or_default(),
            vfx_handles: self.vfx_handles.unwrap_or_default(),
            clip_edges: self.clip_edges.map(|choice| choice.value).unwrap_or_default(),
            base_timecode: self.base_timecode.clone(),
            skip_refused: self.skip_refused.unwrap_or_default(),
            complete: self.complete.unwrap_or_default(),
            allow_reel: allows(Allow::Reel),
            allow_field_order: allows(Allow::FieldOrder),
            allow_alpha: allows(Allow::Alpha),
            allow_growing: allows(Allow::Growing),
            allow_removed_clips: allows(Allow::RemovedClips),
            lists: ListOptions {
                offset: self.edl_offset.clone(),
                timeline: self.edl_timeline.clone(),
                min_confidence: self.min_confidence(),
                transitions: self.transitions.map(|choice| choice.value).unwrap_or_default(),
                ..ListOptions::default()
            },
            ..PlaceOptions::default()
        }
    }
}

impl Placing {
    /// Clips placed by these edit lists.
    pub(crate) fn by_lists(lists: Vec<PathBuf>) -> Self {
        let edl = Some(lists).filter(|lists| !lists.is_empty());
        Self { edl, ..Self::default() }
    }

    /// The same with paths that mean the same file in a jobs file, wherever that is.
    pub(crate) fn with_absolute_lists(mut self) -> Self {
        for list in self.edl.iter_mut().flatten() {
            *list = absolute(&*list).unwrap_or_else(|_| list.clone());
        }
        self
    }

    /// The edit lists.
    pub(crate) fn lists(&self) -> &[PathBuf] {
        self.edl.as_deref().unwrap_or_default()
    }

    /// The lowest confidence that is accepted.
    pub(crate) fn min_confidence(&self) -> Confidence {
        self.min_confidence.map(|choice| choice.value).unwrap_or_default()
    }
}

impl Checking {
    /// Whether pictures are compared.
    pub(crate) fn check_content(&self) -> CheckContent {
        self.check_content.map(|choice| choice.value).unwrap_or_default()
    }
}

impl Writing {
    /// The library's options.
    pub(crate) fn splice_options(&self, checking: &Checking) -> SpliceOptions {
        SpliceOptions::default()
            .check_content(checking.check_content())
            .faststart(self.faststart.unwrap_or_default())
            .layout(self.layout.map(|choice| choice.value).unwrap_or_default())
            .route(self.route.map(|choice| choice.value).unwrap_or_default())
            .verify(self.verify.map(|choice| choice.value).unwrap_or_default())
    }
}

/// What is said of one job, or of all: everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Keys", into = "Keys")]
pub(crate) struct Settings {
    pub(crate) base: Option<PathBuf>,
    pub(crate) clips: Option<Vec<ClipEntry>>,
    pub(crate) vfx: Option<Vec<ClipEntry>>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) placing: Placing,
    pub(crate) checking: Checking,
    pub(crate) writing: Writing,
}

impl Settings {
    /// These settings, and from `others` what they leave open.
    pub(crate) fn or(self, others: &Settings) -> Settings {
        Settings {
            base: self.base.or_else(|| others.base.clone()),
            clips: self.clips.or_else(|| others.clips.clone()),
            vfx: self.vfx.or_else(|| others.vfx.clone()),
            output: self.output.or_else(|| others.output.clone()),
            placing: self.placing.or(&others.placing),
            checking: self.checking.or(&others.checking),
            writing: self.writing.or(&others.writing),
        }
    }
}

impl Settings {
    /// The library's options.
    pub(crate) fn splice_options(&self) -> SpliceOptions {
        self.writing.splice_options(&self.checking)
    }
}

impl JsonSchema for Settings {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Keys::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Keys::json_schema(generator)
    }
}
