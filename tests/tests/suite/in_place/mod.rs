//! Movies that are changed in place and back.

#![cfg(target_os = "linux")]

/// Calls that fail, and kills at each call.
mod calls;
/// Power cuts, in every order of writes that the syncs allow.
mod power;
/// What our reader, the oracle's and other programs see in every layout, at every moment.
mod readers;
