//! Every system call that the standard library does not make, and all `unsafe` code of the workspace.
//!
//! - [`window`]: mappings of sources, as addresses that only the kernel dereferences.
//! - [`memory`]: anonymous memory of which the kernel may hold one part while another is filled.
//! - [`ring`]: io_uring behind an interface that owns every buffer for as long as the kernel may touch it (Linux).
//! - [`platform`]: files without a name, direct I/O, sharing, preallocation, write-back; one file a system.
//! - [`spawn`]: child processes that end with this one.
//! - [`usage`]: what the process used, and may use.
//! - [`every_name`]: the names of all intervals, which signposts need as literals.
//! - `signpost`, `format_buffer`: intervals for Instruments (macOS).

#[cfg(any(target_os = "macos", test))]
mod format_buffer;
mod interval_names;
pub(crate) mod memory;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "macos.rs")]
pub(crate) mod platform;
#[cfg(target_os = "linux")]
pub(crate) mod ring;
#[cfg(target_os = "macos")]
pub mod signpost;
pub(crate) mod spawn;
pub(crate) mod usage;
#[cfg(target_os = "linux")]
pub(crate) mod window;

pub(crate) use interval_names::every_name;
