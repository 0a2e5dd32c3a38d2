//! The library's errors as failures: the exit code of each, and its advice.
//!
//! - In: an error of the library. Out: [`Failure`].
//! - Not here: the advice itself (`advice`), how a failure is drawn (`diagnostic`).

use intercut_engine::blank::{BlankError, BlankReason, WriteError};
use intercut_engine::discover::{OpenError, TurnoverError};
use intercut_engine::in_place::InPlaceError;
use intercut_engine::look::LookError;
use intercut_engine::plan::{PlanError, ReplayError};
use intercut_engine::review::ReviewError;
use intercut_engine::splice::SpliceError;
use intercut_engine::stamp::{StampError, StampReason};
use intercut_engine::still::{NoFrame, StillError};
use intercut_engine::verify::VerifyError;
use intercut_io::IoError;

use super::{Failure, Problem};
use crate::advice;
use crate::exit::Exit;
use crate::refusal::Refusal;

impl From<IoError> for Failure {
    fn from(error: IoError) -> Self {
        let (exit, help) = (Exit::of_io(&error), advice::io(&error));
        match error {
            IoError::TargetIsSource { .. } => {
                Self::of(exit, Problem::refused("target_is_source", error, help))
            }
            error => Self::of(exit, Problem::new(error, help)),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => error.into(),
            OpenError::Several { errors } => {
                let count = errors.len();
                let all = errors.into_iter().flat_map(|error| Failure::from(error).problems);
                let conclusion = Some(format!("{count} movies cannot be opened"));
                Self {
                    exit: Exit::Failed,
                    problems: all.collect(),
                    conclusion,
                    left_out: Vec::new(),
                }
            }
            error => {
                let help = advice::open(&error);
                Self::of(Exit::Failed, Problem::new(error, help))
            }
        }
    }
}

impl From<TurnoverError> for Failure {
    fn from(error: TurnoverError) -> Self {
        match error {
            TurnoverError::Io(error) => error.into(),
            TurnoverError::Open(error) => error.into(),
            error => {
                let help = match &error {
                    TurnoverError::TwoRoles { .. } => {
                        Some("give it, or the folder nearest to it, once".to_owned())
                    }
                    TurnoverError::SeveralLists { .. } => {
                        Some("leave one of them there, or name the lists with --edl".to_owned())
                    }
                    _ => None,
                };
                Self::of(Exit::Usage, Problem::new(error, help))
            }
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let problems: Vec<Problem> =
            error.refusals.iter().map(|refusal| Refusal::from(refusal).into()).collect();
        let conclusion = match problems.len() {
            1 => "the plan is refused; nothing was written".to_owned(),
            count => format!("the plan is refused for {count} reasons; nothing was written"),
        };
        let exit = if error.is_only_growing() { Exit::Growing } else { Exit::Refused };
        Self { exit, problems, conclusion: Some(conclusion), left_out: Vec::new() }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        SpliceError::from(error).into()
    }
}

impl From<StillError> for Failure {
    fn from(error: StillError) -> Self {
        if let StillError::Io(error) = error {
            return error.into();
        }
        let is_usage = matches!(&error, StillError::NoFrame { why: NoFrame::BadTimecode(_), .. });
        let help = advice::still(&error).map(str::to_owned);
        Self::of(if is_usage { Exit::Usage } else { Exit::Failed }, Problem::new(error, help))
    }
}

impl From<BlankError> for Failure {
    fn from(error: BlankError) -> Self {
        match error {
            BlankError::Io(error) => error.into(),
            BlankError::Open(error) => error.into(),
            BlankError::Refused { path, reason } => {
                let exit = match &reason {
                    BlankReason::Codec { .. } | BlankReason::Timecode(_) => Exit::Usage,
                    BlankReason::Growing => Exit::Growing,
                    _ => Exit::Refused,
                };
                let help = advice::blank(&reason).map(str::to_owned);
                let code = reason.code().to_owned();
                let path = path.display().to_string();
                let refusal = Refusal::of_file(code, path, reason.to_string(), help);
                Self::of(exit, Problem::from(refusal))
            }
            BlankError::Unproved(error) => error.into(),
            error => Self::of(Exit::Failed, Problem::new(error, None)),
        }
    }
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        let help = advice::review(&error);
        let exit = match &error {
            ReviewError::Container { .. }
            | ReviewError::ProxyContainer { .. }
            | ReviewError::Size { .. }
            | ReviewError::NoBase { .. }
            | ReviewError::NoPlan { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        match error {
            ReviewError::Io(error) => error.into(),
            ReviewError::Open(error) => error.into(),
            ReviewError::Refused { path, reason } => {
                let (code, path) = (reason.code().to_owned(), path.display().to_string());
                let refusal = Refusal::of_file(code, path, reason.to_string(), help);
                Self::of(Exit::Refused, Problem::from(refusal))
            }
            error => Self::of(exit, Problem::new(error, help)),
        }
    }
}

impl From<StampError> for Failure {
    fn from(error: StampError) -> Self {
        match error {
            StampError::Io(error) => error.into(),
            StampError::Open(error) => error.into(),
            StampError::Refused { path, reason } => {
                let exit = match &reason {
                    StampReason::Timecode(BlankReason::Timecode(_)) => Exit::Usage,
                    StampReason::Growing => Exit::Growing,
                    _ => Exit::Refused,
                };
                let help = advice::stamp(&reason).map(str::to_owned);
                let code = reason.code().to_owned();
                let path = path.display().to_string();
                let refusal = Refusal::of_file(code, path, reason.to_string(), help);
                Self::of(exit, Problem::from(refusal))
            }
            StampError::Unproved(error) => error.into(),
            error => Self::of(Exit::Failed, Problem::new(error, None)),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => error.into(),
            WriteError::Verify(error) => error.into(),
            error => Self::of(Exit::Failed, Problem::new(error, Some(advice::NOT_KEPT.to_owned()))),
        }
    }
}

impl From<LookError> for Failure {
    fn from(error: LookError) -> Self {
        if let LookError::Io(error) = error {
            return error.into();
        }
        let help = advice::look(&error);
        Self::of(Exit::Failed, Problem::new(error, help))
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        SpliceError::from(error).into()
    }
}

impl From<SpliceError> for Failure {
    fn from(error: SpliceError) -> Self {
        let exit = Exit::of(&error);
        let help = match &error {
            SpliceError::Replay(error) => advice::replay(error),
            SpliceError::Layout(error) => advice::layout(error),
            SpliceError::Append { .. } => advice::ORDERED,
            SpliceError::HeaderOfClone => "leave out --faststart, or pass --layout ordered",
            SpliceError::ReadBack { .. } | SpliceError::Differs { .. } => advice::NOT_KEPT,
            _ => "",
        };
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        match error {
            SpliceError::Open(error) => error.into(),
            SpliceError::Plan(error) => error.into(),
            SpliceError::Io(error) => error.into(),
            SpliceError::Look(error) => error.into(),
            error if exit == Exit::Refused => {
                let code = match error {
                    SpliceError::Replay(_) => "plan_is_old",
                    SpliceError::Append { .. } => "no_room_for_switch",
                    _ => "layout",
                };
                Self::of(exit, Problem::refused(code, error, help))
            }
            error => Self::of(exit, Problem::new(error, help)),
        }
    }
}

impl From<InPlaceError> for Failure {
    fn from(error: InPlaceError) -> Self {
        let (code, help) = (error.code(), advice::in_place(&error).map(str::to_owned));
        match error {
            InPlaceError::Splice(error) => error.into(),
            error => {
                let path = error.path().map_or(String::new(), |path| path.display().to_string());
                let code = code.unwrap_or("in_place").to_owned();
                let refusal = Refusal::of_file(code, path, error.why(), help);
                Self::of(Exit::Refused, Problem::from(refusal))
            }
        }
    }
}
