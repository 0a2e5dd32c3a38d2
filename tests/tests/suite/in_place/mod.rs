//! Movies that are changed in place and back.

#![cfg(target_os = "linux")]

/// What our reader, the oracle's and other programs see in every layout, at every moment.
mod readers;
