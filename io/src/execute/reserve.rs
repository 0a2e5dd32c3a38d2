//! Reserves room on the target's disk, so that a full one is known before the first byte is copied.
//!
//! - In: ranges of the target. Out: nothing, or [`IoError::NoSpace`] with both numbers.
//! - Holds: it is an offer: a filesystem that cannot reserve, or forbids it, is asked for its free space instead.
//! - Not here: what a run will take up before it begins (`route::room`).
//!
//! Reference: fallocate(2), "ERRORS".

use std::io;

use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::route::Context;

/// Bytes that are reserved at a time: filesystems in memory, and some on other machines, fill what they reserve, and a
/// cancel should not wait for all of it.
const PIECE_LEN: usize = 256 << 20;

/// Reserves room for these ranges, `(offset, length)`; the file `grows` over them, or is as long as before.
///
/// # Errors
/// [`IoError::NoSpace`]; [`IoError::Failed`] if the disk is broken or the file would be longer than the filesystem takes.
pub(super) fn reserve(
    context: &Context<'_>,
    ranges: &[(u64, u64)],
    grows: bool,
) -> Result<(), IoError> {
    let path = context.target_path;
    let needed: u64 = ranges.iter().map(|(_, len)| len).sum();
    let _phase = tracing::debug_span!(target: PHASE, "preallocate", bytes = needed).entered();
    // Asked before: a filesystem may keep what it reserved until it found that there is not enough.
    let free = context.target.free_space();
    let available = *free.as_ref().unwrap_or(&0);
    let no_space = || IoError::NoSpace { path: path.to_owned(), needed, available };
    let pieces = ranges.iter().flat_map(|&(start, len)| {
        let offsets = (0..len).step_by(PIECE_LEN);
        offsets.map(move |at| (start + at, (len - at).min(PIECE_LEN as u64)))
    });
    for (offset, len) in pieces {
        let Err(error) = reserve_piece(context, offset, len, grows)? else { continue };
        return match error.raw_os_error() {
            Some(libc::ENOSPC) => Err(no_space()),
            Some(libc::EIO | libc::EDQUOT | libc::EFBIG) => {
                Err(IoError::failed("reserve room for", path)(error))
            }
            _ if free.is_ok() && available < needed => Err(no_space()),
            _ => Ok(()),
        };
    }
    Ok(())
}

/// Asks whether there is room for these ranges now, without keeping it. Returns a warning if it may be gone before they are
/// written: if less than twice of it is free, which another run of the same speed would fill, or the server does not say.
///
/// # Errors
/// [`IoError::NoSpace`].
pub(super) fn ask_for_room(
    context: &Context<'_>,
    ranges: &[(u64, u64)],
) -> Result<Option<String>, IoError> {
    let needed: u64 = ranges.iter().map(|(_, len)| len).sum();
    let free = match context.target.free_space() {
        Ok(available) if available < needed => {
            let path = context.target_path.to_owned();
            return Err(IoError::NoSpace { path, needed, available });
        }
        Ok(available) if available / 2 >= needed => return Ok(None),
        Ok(available) => format!("{available} are free"),
        Err(_) => "it does not say what is free".to_owned(),
    };
    Ok(Some(format!(
        "no room can be reserved on the NFS server: {needed} bytes are written and {free}; if it fills up meanwhile, the run fails"
    )))
}

/// Reserves one piece, again if a signal that does not end the run interrupted it.
fn reserve_piece(
    context: &Context<'_>,
    offset: u64,
    len: u64,
    grows: bool,
) -> Result<io::Result<()>, IoError> {
    loop {
        context.control.cancel.check()?;
        match context.target.reserve(offset, len, grows) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            answer => return Ok(answer),
        }
    }
}
