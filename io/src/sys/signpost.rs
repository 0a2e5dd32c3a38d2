//! Signposts: intervals and events that Instruments draws in its Points of Interest lane (macOS).
//!
//! - In: names of `interval::NAMES`, and what is known of the interval.
//! - Out: what `os_signpost_interval_begin`, `_end` and `os_signpost_event_emit` of `<os/signpost.h>` would have emitted.
//! - Holds: names and formats are constants of this image; ids match begin and end, so intervals of one name may overlap.
//! - Not here: what is an interval (`interval`); who asks (the `intercut` command's subscriber).
//!
//! Written by the header, and type-checked for Apple silicon; it has not been run.
//!
//! The header's macros are inline code around one exported function, so its interface is what every program that was
//! compiled since macOS 10.14 relies on:
//!
//! - `_os_signpost_emit_with_name_impl(dso, log, type, id, name, format, buffer, size)`, where `type` is a byte (event 0,
//!   begin 1, end 2) and `id` 64 bits. The macros skip it for the ids 0 (`OS_SIGNPOST_ID_NULL`) and all ones
//!   (`OS_SIGNPOST_ID_INVALID`), and where `os_signpost_enabled(log)` is false.
//! - `name` and `format` are not copied: a log keeps their offset in the image `dso`, which the linker's `__dso_handle`
//!   marks, and a reader looks the text up there. Hence the section, `__TEXT,__oslogstring,cstring_literals`.
//! - `buffer` is what `__builtin_os_log_format` makes of the arguments (`format_buffer`); texts are copied by the call.
//! - The category `PointsOfInterest` (`OS_LOG_CATEGORY_POINTS_OF_INTEREST`) is what puts them into that lane.
//!
//! Sources: the macOS SDK's os/signpost.h, os/log.h and os/trace_base.h (`OS_LOG_STRING`); clang/AST/OSLog.h.

use std::ffi::{CStr, c_char, c_void};

use super::every_name;
use super::format_buffer::{Argument, encode};

const EVENT: u8 = 0;
const BEGIN: u8 = 1;
const END: u8 = 2;

const ID_NULL: u64 = 0;
const ID_INVALID: u64 = u64::MAX;

unsafe extern "C" {
    static __dso_handle: u8;
    fn os_log_create(subsystem: *const c_char, category: *const c_char) -> *mut c_void;
    fn os_signpost_enabled(log: *mut c_void) -> bool;
    fn os_signpost_id_generate(log: *mut c_void) -> u64;
    fn _os_signpost_emit_with_name_impl(
        dso: *const u8,
        log: *mut c_void,
        kind: u8,
        id: u64,
        name: *const c_char,
        format: *const c_char,
        buffer: *mut u8,
        size: u32,
    );
}

/// The bytes of a constant with a zero behind them, where a log's reader finds them.
macro_rules! log_string {
    ($text:expr) => {{
        const TEXT: &str = $text;
        #[unsafe(link_section = "__TEXT,__oslogstring,cstring_literals")]
        static BYTES: [u8; TEXT.len() + 1] = terminated(TEXT);
        LogString(&BYTES)
    }};
}

const fn terminated<const LEN: usize>(text: &str) -> [u8; LEN] {
    let (mut bytes, mut at) = ([0; LEN], 0);
    while at < text.len() {
        bytes[at] = text.as_bytes()[at];
        at += 1;
    }
    bytes
}

/// A constant in the section of log strings, with its zero.
#[derive(Debug, Clone, Copy)]
struct LogString(&'static [u8]);

impl LogString {
    fn as_ptr(self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

/// The constant for a name; `None` for one that is not of `interval::NAMES`.
fn constant(name: &str) -> Option<LogString> {
    macro_rules! look_up {
        ($($known:literal),*) => {
            match name {
                $($known => Some(log_string!($known)),)*
                _ => None,
            }
        };
    }
    every_name!(look_up)
}

/// What Instruments shows of an interval or event beside its name.
#[derive(Debug, Clone, Copy)]
pub enum Metadata<'a> {
    /// Nothing.
    None,
    /// Bytes that are worked on.
    Bytes(u64),
    /// A copy that begins.
    Copy {
        /// Bytes to put in place.
        bytes: u64,
        /// Where: bytes from the target's start.
        offset: u64,
        /// The source's index; `None` where several are composed.
        source: Option<u32>,
    },
    /// A copy that ends: bytes that were put in place.
    Carried(u64),
    /// A file, or a reason.
    Text(&'a CStr),
}

/// An interval that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Interval {
    name: LogString,
    id: u64,
}

/// Where signposts are emitted: subsystem `intercut`, category `PointsOfInterest`.
#[derive(Debug)]
pub struct Signposts {
    log: *mut c_void,
}

// SAFETY: an `os_log_t` may be used by any thread: os/log.h documents it as an object to create once and log to from
// anywhere, and nothing here changes or frees it.
unsafe impl Send for Signposts {}
// SAFETY: as above; every call that takes it leaves the ordering to the system.
unsafe impl Sync for Signposts {}

impl Default for Signposts {
    fn default() -> Self {
        // SAFETY: both arguments are constant C strings, which the call copies. "A value will always be returned"; it is
        // never released, and the system keeps one for each pair of names anyway.
        let log = unsafe { os_log_create(c"intercut".as_ptr(), c"PointsOfInterest".as_ptr()) };
        Self { log }
    }
}

impl Signposts {
    /// Begins an interval. `None` where nobody listens, or the name is none of `interval::NAMES`.
    pub fn begin(&self, name: &str, metadata: Metadata<'_>) -> Option<Interval> {
        let name = constant(name)?;
        let id = self.id()?;
        self.emit(BEGIN, Interval { name, id }, metadata);
        Some(Interval { name, id })
    }

    /// Ends an interval.
    pub fn end(&self, interval: Interval, metadata: Metadata<'_>) {
        if self.is_enabled() {
            self.emit(END, interval, metadata);
        }
    }

    /// Marks a moment, as [`Signposts::begin`] does.
    pub fn mark(&self, name: &str, metadata: Metadata<'_>) {
        if let (Some(name), Some(id)) = (constant(name), self.id()) {
            self.emit(EVENT, Interval { name, id }, metadata);
        }
    }

    /// Whether anybody listens.
    pub fn is_enabled(&self) -> bool {
        // SAFETY: `log` is what `os_log_create` returned.
        unsafe { os_signpost_enabled(self.log) }
    }

    /// An id that no other interval of this log has.
    fn id(&self) -> Option<u64> {
        if !self.is_enabled() {
            return None;
        }
        // SAFETY: `log` is what `os_log_create` returned.
        let id = unsafe { os_signpost_id_generate(self.log) };
        (id != ID_NULL && id != ID_INVALID).then_some(id)
    }

    fn emit(&self, kind: u8, Interval { name, id }: Interval, metadata: Metadata<'_>) {
        let number = Argument::Number;
        let (format, arguments, count) = match metadata {
            Metadata::None => (log_string!(""), [number(0); 3], 0),
            Metadata::Bytes(bytes) => (log_string!("bytes %llu"), [number(bytes); 3], 1),
            Metadata::Carried(bytes) => (log_string!("carried %llu"), [number(bytes); 3], 1),
            Metadata::Copy { bytes, offset, source: Some(source) } => {
                let arguments = [number(bytes), number(offset), number(source.into())];
                (log_string!("bytes %llu, offset %llu, source %llu"), arguments, 3)
            }
            Metadata::Copy { bytes, offset, source: None } => (
                log_string!("bytes %llu, offset %llu, composed"),
                [number(bytes), number(offset), number(0)],
                2,
            ),
            Metadata::Text(text) => {
                let address = text.as_ptr().expose_provenance() as u64;
                (log_string!("%{public}s"), [Argument::Text(address); 3], 1)
            }
        };
        let (mut buffer, size) = encode(&arguments[..count]);
        // SAFETY: the call reads what it is given and keeps no pointer but those of constants.
        // - `__dso_handle` is the linker's mark of this image; only its address is taken.
        // - `log` is what `os_log_create` returned; `kind` is one of the header's three, `id` one that it generated.
        // - `name` and `format` are constants of this image that end in a zero, in the section that a reader expects.
        // - `buffer` has `size` bytes that describe as many arguments as `format` names, of its kinds: 64-bit numbers,
        //   or the address of a C string that is borrowed for the length of this call. It is writable, as declared.
        unsafe {
            _os_signpost_emit_with_name_impl(
                &raw const __dso_handle,
                self.log,
                kind,
                id,
                name.as_ptr(),
                format.as_ptr(),
                buffer.as_mut_ptr(),
                size.into(),
            );
        }
    }
}
