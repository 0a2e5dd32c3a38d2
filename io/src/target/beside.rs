//! Names of files that lie beside a target and belong to it.
//!
//! - In: the target's path, what comes before and after its name.
//! - Out: a path in the same folder.
//! - Holds: the name is no longer than filesystems take; two targets never have the same one.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Longest name that filesystems take, in bytes.
pub(super) const NAME_LEN_MAX: usize = 255;

/// The path beside `target` whose name is the target's between `before` and `after`. A name that would be too long is cut,
/// and goes on with a number that stands for the whole of it.
pub fn beside(target: &Path, before: &str, after: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default();
    let mut whole = OsString::from(before);
    whole.push(name);
    whole.push(after);
    if whole.len() > NAME_LEN_MAX {
        let number = format!("~{:016x}", number_of(name));
        let room = NAME_LEN_MAX - before.len() - number.len() - after.len();
        whole = OsString::from(before);
        whole.push(cut(name, room));
        whole.push(number);
        whole.push(after);
    }
    target.with_file_name(whole)
}

/// The start of a name, at most `room` bytes of it. Filesystems that ask for UTF-8 would refuse half a character.
pub(super) fn cut(name: &OsStr, room: usize) -> OsString {
    let mut len = name.len().min(room);
    if let Some(text) = name.to_str() {
        len = text.floor_char_boundary(len);
    }
    OsString::from_vec(name.as_bytes()[..len].to_vec())
}

/// A number that stays the same from one version of the program to the next: FNV-1a, 64 bits.
fn number_of(name: &OsStr) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    name.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_name_is_kept_whole_and_a_long_one_is_cut_and_numbered() {
        let beside = |name: &str| {
            let path = beside(&Path::new("out").join(name), "", ".intercut.json");
            path.into_os_string().into_string().unwrap()
        };
        assert_eq!(beside("reel 7.mov"), "out/reel 7.mov.intercut.json");
        let long = format!("{}.mov", "é".repeat(120));
        let expected = format!("out/{}~444bef1350ccda15.intercut.json", "é".repeat(112));
        assert_eq!(beside(&long).len(), "out/".len() + 224 + 17 + 14);
        assert_eq!(beside(&long), expected);
        assert_ne!(
            beside(&format!("{}a", "x".repeat(250))),
            beside(&format!("{}b", "x".repeat(250)))
        );
    }
}
