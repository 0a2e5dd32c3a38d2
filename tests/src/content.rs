//! What the content check says of shots whose truth is known.
//!
//! - In: a scene, a treatment, an offset.
//! - Out: [`Case`] and what became of it: the finding of the plan.
//! - Not here: the shots ([`shots`](crate::media::shots)).

use intercut_engine::plan::{ContentFinding, PlaceOptions};
use intercut_engine::splice::{CheckContent, Splice, SpliceOptions};
use intercut_engine::{Control, plan::SplicePlan};

use crate::media::shots::{Change, Kind, Scene, Treatment};

/// The first frame of a scene that a clip shows.
pub const FIRST: u32 = 30;

/// Frames of a clip.
pub const LEN: u32 = 60;

/// A clip against a base.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What the base shows.
    pub base: Scene,
    /// What the clip was made of: the same, if it is no wrong clip.
    pub scene: Scene,
    /// What became of it.
    pub treatment: Treatment,
    /// The base frame where the event begins, minus the one that the clip shows.
    pub offset: i32,
}

impl Case {
    /// The plan of the case, with its findings.
    ///
    /// # Panics
    /// If it cannot be planned.
    pub fn plan(&self) -> SplicePlan {
        self.plan_watched(&Control::default())
    }

    /// The same, watched by `control`.
    ///
    /// # Panics
    /// As [`plan`](Self::plan).
    pub fn plan_watched(&self, control: &Control) -> SplicePlan {
        let clip = self.scene.clip(&self.treatment, FIRST..FIRST + LEN);
        let begins = FIRST.checked_add_signed(self.offset).expect("the event is in the base");
        let label = format!("01:00:{:02}:{:02}", begins / 25, begins % 25);
        let place =
            PlaceOptions { at: [("clip.mov".to_owned(), label)].into(), ..PlaceOptions::default() };
        let options = SpliceOptions::default().check_content(CheckContent::Warn);
        let splice = Splice::new(self.base.base()).clips([clip]).place(place).options(options);
        let planned = splice.open(control).and_then(|open| open.plan());
        let checked = planned.and_then(|planned| planned.check_content(control));
        checked.unwrap_or_else(|error| panic!("{self:?}: {error}")).plan().clone()
    }

    /// What was found.
    ///
    /// # Panics
    /// As [`plan`](Self::plan).
    pub fn finding(&self) -> ContentFinding {
        self.plan().content.expect("it was asked for")[0]
    }

    /// Whether the clip is right where it is.
    pub fn is_right(&self) -> bool {
        self.offset == 0
            && self.base.name == self.scene.name
            && self.treatment.change != Change::Times
    }

    /// Whether a wrong clip can be known by what moves.
    pub fn can_be_told(&self) -> bool {
        self.base.kind == Kind::Moving
    }
}
