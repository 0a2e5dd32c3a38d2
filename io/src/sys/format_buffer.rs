//! The buffer in which macOS is handed the arguments of a signpost's format.
//!
//! ```text
//! summary, number of arguments, { descriptor, size, value }…      one byte each, values in the machine's order, unaligned
//! descriptor: kind << 4 | privacy
//! ```
//!
//! - Holds: nothing is private, so a summary only says whether there is anything but numbers.
//! - Not here: formats, and who reads this (`signpost`).
//!
//! Source: what clang's `__builtin_os_log_format` writes: clang/AST/OSLog.h, `OSLogBufferLayout`, `OSLogBufferItem`.

/// An argument.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument {
    /// For `%llu` or `%lld`.
    Number(u64),
    /// For `%{public}s`: the address of bytes that end in a zero.
    Text(u64),
}

/// The longest buffer: three arguments.
pub(crate) const LEN_MAX: usize = 2 + 3 * (2 + 8);

/// `HasNonScalarItems`.
const SUMMARY_NOT_ONLY_NUMBERS: u8 = 2;
/// `ScalarKind`; numbers are shown unless they are marked private.
const NUMBER: u8 = 0;
/// `StringKind << 4 | IsPublic`: texts are hidden unless they are marked public.
const TEXT_PUBLIC: u8 = 2 << 4 | 2;

/// Encodes `arguments`; returns the buffer and how much of it is used.
pub(crate) fn encode(arguments: &[Argument]) -> ([u8; LEN_MAX], u8) {
    let (mut buffer, mut len, mut summary) = ([0; LEN_MAX], 2, 0);
    let mut count = 0;
    for argument in arguments {
        let (descriptor, value) = match *argument {
            Argument::Number(value) => (NUMBER, value),
            Argument::Text(address) => {
                summary = SUMMARY_NOT_ONLY_NUMBERS;
                (TEXT_PUBLIC, address)
            }
        };
        let value = value.to_ne_bytes();
        let at = usize::from(len);
        buffer[at] = descriptor;
        buffer[at + 1] = 8;
        buffer[at + 2..at + 10].copy_from_slice(&value);
        len += 10;
        count += 1;
    }
    buffer[0] = summary;
    buffer[1] = count;
    (buffer, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_behind_their_descriptors() {
        let (buffer, len) = encode(&[Argument::Number(0x0102), Argument::Number(u64::MAX)]);
        let expected = [&[0, 2, 0, 8][..], &0x0102_u64.to_ne_bytes(), &[0, 8], &[255; 8]];
        assert_eq!(buffer[..usize::from(len)], expected.concat());
    }

    #[test]
    fn text_is_public_and_told_of_in_the_summary() {
        let (buffer, len) = encode(&[Argument::Text(0xabcd)]);
        assert_eq!(
            buffer[..usize::from(len)],
            [&[2, 1, 0x22, 8][..], &0xabcd_u64.to_ne_bytes()].concat()
        );
    }

    #[test]
    fn no_argument_is_two_zeros() {
        let (buffer, len) = encode(&[]);
        assert_eq!(buffer[..usize::from(len)], [0, 0]);
    }
}
