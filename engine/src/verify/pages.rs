//! Short reads in no order, from pages that are kept.
//!
//! - In: files, by number, and how their bytes are read.
//! - Out: their bytes. What many short reads find in one page is read once, by whichever thread comes first.
//! - Holds: [`PAGE_COUNT`] pages at most, whatever the files; each is allocated when it is first needed, and stands in the
//!   one slot that its place in its file gives it. A long read goes around them.
//! - Not here: which bytes are wanted (`apart`, `compare`).

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use intercut_io::{AlignedBuffer, DIRECT_BLOCK_LEN, IoError, ReadExactAt};

/// Bytes of a page: whole blocks of direct reads.
const PAGE_LEN: usize = 4 * DIRECT_BLOCK_LEN;

/// Pages that are kept: 16 MiB.
const PAGE_COUNT: usize = 1024;

/// How many slots lie between the same places of two files: files that are read side by side keep out of each other's way.
const FILE_STRIDE: usize = 389;

/// A file whose pages are kept.
#[derive(Clone, Copy)]
pub(super) struct Paged<'a> {
    /// Tells it from the others.
    pub(super) number: usize,
    /// Its length in bytes.
    pub(super) len: u64,
    /// How its bytes are read.
    pub(super) read: &'a ReadExactAt<'a>,
}

/// Pages of several files, for several threads.
pub(super) struct Pages {
    slots: Vec<Mutex<Slot>>,
}

/// A page, or none yet.
#[derive(Default)]
struct Slot {
    /// The number of the file, and of the page in it.
    holds: Option<(usize, u64)>,
    bytes: Option<AlignedBuffer>,
}

impl Pages {
    /// No pages yet.
    pub(super) fn new() -> Self {
        Self { slots: std::iter::repeat_with(Mutex::default).take(PAGE_COUNT).collect() }
    }

    /// Fills `buffer` with the bytes of `file` from `offset`; they lie in the file.
    ///
    /// # Errors
    /// What reading these bytes alone says: a page that cannot be read as a whole is not kept.
    pub(super) fn read_exact_at(
        &self,
        file: Paged<'_>,
        buffer: &mut [u8],
        offset: u64,
    ) -> Result<(), IoError> {
        if buffer.len() >= DIRECT_BLOCK_LEN {
            return (file.read)(buffer, offset);
        }
        let page_len = PAGE_LEN as u64;
        let (mut rest, mut at) = (buffer, offset);
        while !rest.is_empty() {
            let (page, start) = (at / page_len, in_memory(at % page_len));
            let (part, behind) = rest.split_at_mut(rest.len().min(PAGE_LEN - start));
            if self.copy(file, page, start..start + part.len(), part).is_err() {
                (file.read)(part, at)?;
            }
            at += part.len() as u64;
            rest = behind;
        }
        Ok(())
    }

    /// Copies a part of a page, which is read first where it is not here.
    fn copy(
        &self,
        file: Paged<'_>,
        page: u64,
        part: Range<usize>,
        to: &mut [u8],
    ) -> Result<(), IoError> {
        let stride = file.number.wrapping_mul(FILE_STRIDE) as u64;
        let slot = in_memory(page.wrapping_add(stride) % PAGE_COUNT as u64);
        // A thread that panicked while it read a page left it marked as none.
        let mut slot = self.slots[slot].lock().unwrap_or_else(PoisonError::into_inner);
        let Slot { holds, bytes } = &mut *slot;
        let bytes = bytes.get_or_insert_with(|| AlignedBuffer::new(PAGE_LEN));
        if *holds != Some((file.number, page)) {
            *holds = None;
            let start = page * PAGE_LEN as u64;
            let len = in_memory((file.len - start).min(PAGE_LEN as u64));
            (file.read)(bytes.bytes_mut(len), start)?;
            *holds = Some((file.number, page));
        }
        to.copy_from_slice(&bytes.bytes(PAGE_LEN)[part]);
        Ok(())
    }
}

fn in_memory(bytes: u64) -> usize {
    usize::try_from(bytes).expect("no more than a page, or than there are slots")
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;
    use std::sync::Mutex;

    use super::*;

    /// A file in which every byte tells its offset, and what was read of it.
    #[derive(Default)]
    struct Counted {
        reads: Mutex<Vec<(u64, usize)>>,
    }

    impl Counted {
        fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
            self.reads.lock().unwrap().push((offset, buffer.len()));
            assert!(
                buffer.len() < PAGE_LEN || buffer.as_ptr().addr().is_multiple_of(DIRECT_BLOCK_LEN)
            );
            (offset..).zip(buffer).for_each(|(at, byte)| *byte = value(at));
            Ok(())
        }
    }

    fn value(at: u64) -> u8 {
        (at % 251).to_le_bytes()[0]
    }

    /// Reads from a file of 100,000 bytes, and says whether it was given the right ones.
    fn reads_right(pages: &Pages, file: Paged<'_>, offset: u64, len: usize) -> bool {
        let mut buffer = vec![0; len];
        pages.read_exact_at(file, &mut buffer, offset).unwrap();
        (offset..).zip(&buffer).all(|(at, byte)| *byte == value(at))
    }

    #[test]
    fn bytes_of_a_page_are_read_once_in_whichever_order_they_are_asked_for() {
        let (counted, pages) = (Counted::default(), Pages::new());
        let read = |buffer: &mut [u8], offset: u64| counted.read(buffer, offset);
        let file = Paged { number: 0, len: 100_000, read: &read };
        for offset in [99_999, 16_383, 0, 98_304, 5, 16_383] {
            assert!(reads_right(&pages, file, offset, 1));
        }
        // Over the border of two pages, of which one is here.
        assert!(reads_right(&pages, file, 16_380, 10));
        let reads = counted.reads.into_inner().unwrap();
        assert_eq!(reads, [(98_304, 1_696), (0, 16_384), (16_384, 16_384)]);
    }

    #[test]
    fn long_read_goes_around_the_pages() {
        let (counted, pages) = (Counted::default(), Pages::new());
        let read = |buffer: &mut [u8], offset: u64| counted.read(buffer, offset);
        let file = Paged { number: 0, len: 100_000, read: &read };
        assert!(reads_right(&pages, file, 7, 4_096) && reads_right(&pages, file, 7, 4_096));
        assert_eq!(counted.reads.into_inner().unwrap(), [(7, 4_096), (7, 4_096)]);
    }

    #[test]
    fn page_of_one_file_is_not_taken_for_that_of_another_in_its_slot() {
        let pages = Pages::new();
        let is = |value: u8| {
            move |buffer: &mut [u8], _: u64| {
                buffer.fill(value);
                Ok(())
            }
        };
        let (one, other) = (is(1), is(2));
        // 1024 files on, the same slot: and the same again for a page that is 1024 pages on.
        let one = Paged { number: 0, len: 1 << 30, read: &one };
        let other = Paged { number: 1024, len: 1 << 30, read: &other };
        for (file, offset, expected) in [(one, 3, 1), (other, 3, 2), (one, 3, 1), (one, 3 << 24, 1)]
        {
            let mut byte = [0];
            pages.read_exact_at(file, &mut byte, offset).unwrap();
            assert_eq!(byte, [expected]);
        }
    }

    #[test]
    fn bad_place_on_the_disk_does_not_hide_the_bytes_beside_it() {
        let pages = Pages::new();
        let read = |buffer: &mut [u8], offset: u64| {
            if (offset..offset + buffer.len() as u64).contains(&10_000) {
                return Err(IoError::failed("read", Path::new("a"))(io::Error::other("bad")));
            }
            (offset..).zip(buffer).for_each(|(at, byte)| *byte = value(at));
            Ok(())
        };
        let file = Paged { number: 0, len: 100_000, read: &read };
        assert!(reads_right(&pages, file, 9_990, 10) && reads_right(&pages, file, 10_001, 10));
        assert!(pages.read_exact_at(file, &mut [0; 2], 9_999).is_err());
    }
}
