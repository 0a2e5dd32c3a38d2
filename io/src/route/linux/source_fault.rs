//! Whose fault it is when the kernel could not take bytes from a source: the file changed, or its disk cannot be read.
//!
//! - In: the range that failed. Out: the error that names the source and says why.
//! - Holds: the range is read into memory to find out; a load from a mapping would kill the process.

use std::io;

use crate::error::IoError;
use crate::route::Context;
use crate::schedule::SourceIndex;

/// What it means that the kernel could not take bytes from a source's mapping: the file shrank, or its disk failed.
pub(crate) fn source_fault(
    context: &Context<'_>,
    source: SourceIndex,
    offset: u64,
    len: u64,
) -> IoError {
    let unreadable = check_readable(context, source, offset, len).err();
    unreadable.unwrap_or_else(|| {
        let error = io::Error::from_raw_os_error(libc::EFAULT);
        IoError::failed("read through its mapping", context.source(source).path())(error)
    })
}

/// Fails where a source has changed or a range of it cannot be read: a read answers with the errno that a page fault, or
/// a copy inside the kernel, could not tell apart.
pub(crate) fn check_readable(
    context: &Context<'_>,
    source: SourceIndex,
    offset: u64,
    len: u64,
) -> Result<(), IoError> {
    let source = context.source(source);
    source.check_unchanged()?;
    let mut buffer = vec![0; 4096];
    for at in (offset..offset + len).step_by(buffer.len()) {
        let wanted = usize::try_from(len - (at - offset)).map_or(4096, |left| left.min(4096));
        source.read_exact_at(&mut buffer[..wanted], at)?;
    }
    Ok(())
}
