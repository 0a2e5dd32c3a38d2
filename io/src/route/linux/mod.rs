//! The routes that only Linux has.

pub(crate) mod cold;
#[cfg(target_os = "linux")]
pub(crate) mod kernel;
#[cfg(target_os = "linux")]
pub(crate) mod mapped;
#[cfg(target_os = "linux")]
pub(crate) mod reflink;
#[cfg(target_os = "linux")]
pub(crate) mod ring;
#[cfg(target_os = "linux")]
pub(crate) mod windows;
#[cfg(target_os = "linux")]
pub(crate) mod writeback;
