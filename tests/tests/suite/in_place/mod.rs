//! Movies that are changed in place and back.

#![cfg(target_os = "linux")]

/// What others see, and what they keep from happening.
mod beside;
/// Calls that fail, and kills at each call.
mod calls;
/// Full disks, power cuts on real file systems, movies of gigabytes.
mod disks;
/// Power cuts, in every order of writes that the syncs allow.
mod power;
/// Any base, any number of inserts, and back.
mod properties;
/// What our reader, the oracle's and other programs see in every layout, at every moment.
mod readers;
