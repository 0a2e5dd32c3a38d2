//! Whose fault it is when the kernel could not take bytes from a source: the file changed, or its disk cannot be read.
//!
//! - In: the range that failed. Out: the error that names the source and says why.
//! - Holds: the range is read into memory to find out; a load from a mapping would kill the process.

use std::io;

use crate::error::IoError;
use crate::route::Context;
use crate::route::kernel::check_readable;
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
