//! Proves a result by what lies beside it: `OUT.intercut.json`.
//!
//! - In: the result.
//! - Out: [`Proved`], by the digests of the sidecar, or by the movies of its plan if it has none.
//! - Not here: the sidecar (`intercut_engine::batch`).

use std::path::Path;

use intercut_engine::batch::Sidecar;
use intercut_engine::splice::Splice;
use intercut_io::Control;

use super::object::Proved;
use super::{by_digests, by_sources};
use crate::args::ShowArgs;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::text;

/// Proves a result.
///
/// # Errors
/// [`Failure`] if nothing beside the result says what it was made of, or its sources have changed and it has no digests.
pub(super) fn prove(output: &Path, show: ShowArgs, control: &Control) -> Result<Proved, Failure> {
    std::fs::metadata(output).map_err(intercut_io::IoError::failed("find", output))?;
    let beside = Sidecar::place_of(output)?;
    let Some(sidecar) = Sidecar::read(output)? else {
        let (there, help) = if beside.exists() {
            ("cannot be understood by this version", "name its base and its clips too")
        } else {
            ("does not exist", "name its base and its clips too, or give --run RUN.json")
        };
        let message = format!(
            "cannot tell what {} was made of: {} {there}",
            output.display(),
            beside.display()
        );
        return Err(Failure::new(Exit::Failed, message, Some(help)));
    };
    if let Some(changed) = sidecar.in_place.as_ref().filter(|changed| changed.inserts > 0) {
        if let Some(digests) = &changed.digests {
            return by_digests::by_saved(output, digests, &beside, show, control);
        }
        let inserts = text::counted(changed.inserts, "insert");
        let message =
            format!("{} was changed in place since it was made: {inserts}", output.display());
        let help =
            "name its base and all its clips too; `intercut history` lists what was inserted";
        return Err(Failure::new(Exit::Failed, message, Some(help)));
    }
    if let Some(digests) = &sidecar.digests {
        return by_digests::by_saved(output, digests, &beside, show, control);
    }
    let planned =
        Splice::replay(sidecar.plan_beside(output)?).finished([output]).open(control)?.plan()?;
    by_sources::by_plan(output, &planned, show, control)
}
