//! Runs a command as a kernel that lacks some of its features would.
//!
//! - In: the command, and what is lacking.
//! - Out: how the command ended.
//! - Holds: calls answer as that kernel's would, by a seccomp filter, in every thread of the command; unlike `trace` this
//!   knows every call, slows nothing down and needs no tool. The filter is set in a thread that only starts the command.
//! - Not here: one call that fails once (`trace`).
//!
//! References: seccomp(2).

use std::collections::BTreeMap;
use std::process::{Child, Command, Output, Stdio};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Something that a kernel may lack.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    /// What it is, and the first Linux that has it.
    pub name: &'static str,
    call: libc::c_long,
    /// What a kernel without it answers.
    error: libc::c_int,
    /// The argument that asks for it, where the call itself is older: its index from 0, and the bits that are set.
    asked_by: Option<(u8, u64)>,
}

const fn call(name: &'static str, call: libc::c_long) -> Feature {
    Feature { name, call, error: libc::ENOSYS, asked_by: None }
}

const fn flag(
    name: &'static str,
    call: libc::c_long,
    error: libc::c_int,
    (index, bits): (u8, u64),
) -> Feature {
    Feature { name, call, error, asked_by: Some((index, bits)) }
}

/// The number of cachestat(2), which has no name in older headers.
const SYS_CACHESTAT: libc::c_long = 451;

/// `IORING_REGISTER_PROBE`; the bits are those of no other operation that is used here.
const REGISTER_PROBE: u64 = 8;

/// `FICLONERANGE`.
const CLONE_RANGE: u64 = 0x4020_940d;

/// `O_TMPFILE` without the bit of `O_DIRECTORY`.
const UNNAMED: u64 = 0o20_000_000;

/// What is used where it is there. Not two features of 6.1, whose lack no call answers: how statx(2) tells that direct I/O
/// has to be aligned, and rings that defer their work, which are asked for in memory.
pub const FEATURES: [Feature; 9] = [
    call("cachestat (6.5)", SYS_CACHESTAT),
    flag(
        "rings that read and write (5.6)",
        libc::SYS_io_uring_register,
        libc::EINVAL,
        (1, REGISTER_PROBE),
    ),
    call("io_uring (5.1)", libc::SYS_io_uring_setup),
    call("statx (4.11)", libc::SYS_statx),
    call("copy_file_range (4.5)", libc::SYS_copy_file_range),
    flag("FICLONERANGE (4.5)", libc::SYS_ioctl, libc::ENOTTY, (1, CLONE_RANGE)),
    call("getrandom (3.17)", libc::SYS_getrandom),
    call("renameat2 (3.15)", libc::SYS_renameat2),
    flag("O_TMPFILE (3.11)", libc::SYS_openat, libc::EISDIR, (2, UNNAMED)),
];

/// A ring that a container forbids rather than a kernel lacks.
pub const RING_FORBIDDEN: Feature = Feature {
    name: "io_uring (forbidden)",
    call: libc::SYS_io_uring_setup,
    error: libc::EPERM,
    asked_by: None,
};

/// Runs `command` without these features.
///
/// # Errors
/// Why commands cannot be run so here.
///
/// # Panics
/// Where the command cannot be started.
pub fn run_without(lacking: &[Feature], mut command: Command) -> Result<Output, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(spawn_without(lacking, &mut command)?.wait_with_output().expect("it ends"))
}

/// Starts `command` without these features.
///
/// # Errors
/// Why commands cannot be run so here.
///
/// # Panics
/// Where the command cannot be started.
pub fn spawn_without(lacking: &[Feature], command: &mut Command) -> Result<Child, String> {
    let filters = filters(lacking).map_err(|error| format!("seccomp: {error}"))?;
    let start = || {
        for filter in &filters {
            seccompiler::apply_filter(filter).map_err(|error| format!("seccomp: {error}"))?;
        }
        Ok(command.spawn().expect("the command runs"))
    };
    // The filter stays with the thread, which ends here, and with what it starts.
    let started = std::thread::scope(|scope| scope.spawn(start).join());
    started.expect("the thread only starts the command")
}

/// One filter an error.
fn filters(lacking: &[Feature]) -> Result<Vec<BpfProgram>, seccompiler::BackendError> {
    let mut by_error: BTreeMap<libc::c_int, BTreeMap<i64, Vec<SeccompRule>>> = BTreeMap::new();
    for feature in lacking {
        let rules = by_error.entry(feature.error).or_default().entry(feature.call).or_default();
        if let Some((index, bits)) = feature.asked_by {
            let op = SeccompCmpOp::MaskedEq(bits);
            let asked = SeccompCondition::new(index, SeccompCmpArgLen::Dword, op, bits)?;
            rules.push(SeccompRule::new(vec![asked])?);
        }
    }
    let machine = std::env::consts::ARCH.try_into()?;
    let filter = |(error, rules): (libc::c_int, _)| {
        let error = SeccompAction::Errno(error.unsigned_abs());
        SeccompFilter::new(rules, SeccompAction::Allow, error, machine)?.try_into()
    };
    by_error.into_iter().map(filter).collect()
}
