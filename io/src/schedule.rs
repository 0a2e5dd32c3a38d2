//! What goes where: the copies into one target file as plain data.
//!
//! - In: pieces in target order, then patches ([`ScheduleBuilder`]).
//! - Out: [`Schedule`], which holds no pointer and no descriptor, so that one schedule runs on every route and can be
//!   compared as text.
//! - Holds after construction: the pieces tile `start..len` without a gap or an overlap, and none is empty. A new file
//!   begins at 0 and needs no patch; a region behind an existing file begins at its end, and its patches put it to use.
//! - Not here: how bytes are moved (`execute`), which bytes a movie needs (the caller).

/// Which source of the run a piece is read from: an index into the slice of sources given to [`crate::execute()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceIndex(pub u32);

/// Where the bytes of a piece come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of a source file, from `offset` bytes after its start.
    Source {
        /// The file.
        source: SourceIndex,
        /// Bytes from the start of that file.
        offset: u64,
    },
    /// Bytes that a source makes in memory, from `offset` after its first: [`crate::Source::made`].
    Made {
        /// The source.
        source: SourceIndex,
        /// Bytes from its first.
        offset: u64,
    },
    /// Bytes that the schedule itself carries (headers), from `offset` in [`Schedule::inline`].
    Inline {
        /// Bytes from the start of the inline bytes.
        offset: u64,
    },
    /// Zeros: a gap that belongs to nothing.
    Zero,
}

/// One run of target bytes with one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First target byte.
    pub target: u64,
    /// Length in bytes, never 0.
    pub len: u64,
    /// Where the bytes come from.
    pub origin: Origin,
}

impl Piece {
    /// The first target byte after this piece.
    pub fn end(&self) -> u64 {
        self.target + self.len
    }

    /// The part of this piece that lies in the target range `start..end`, if any.
    pub fn clip(&self, start: u64, end: u64) -> Option<Piece> {
        let (from, to) = (self.target.max(start), self.end().min(end));
        if from >= to {
            return None;
        }
        let skip = from - self.target;
        let origin = match self.origin {
            Origin::Source { source, offset } => Origin::Source { source, offset: offset + skip },
            Origin::Made { source, offset } => Origin::Made { source, offset: offset + skip },
            Origin::Inline { offset } => Origin::Inline { offset: offset + skip },
            Origin::Zero => Origin::Zero,
        };
        Some(Piece { target: from, len: to - from, origin })
    }
}

/// A few bytes that are replaced where they are, by one write.
///
/// A disk writes a sector whole or not at all, so a power cut leaves the bytes of before or those of after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    offset: u64,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Patch {
    /// Bytes of a disk's sector: what it writes whole or not at all, whatever it is.
    pub const SECTOR_LEN: u64 = 512;

    /// Bytes of a processor's cache line: a reader beside the write sees a line whole, before or after.
    pub const LINE_LEN: u64 = 64;

    /// Replaces `before`, which is at `offset` in the target, by `after`.
    ///
    /// # Panics
    /// If there is nothing to replace, the lengths differ, or the bytes are not all in one sector: the caller chose them.
    pub fn new(offset: u64, before: &[u8], after: &[u8]) -> Self {
        assert_eq!(before.len(), after.len(), "a patch moves nothing");
        let patch = Self { offset, before: before.to_vec(), after: after.to_vec() };
        assert!(patch.lies_within(Self::SECTOR_LEN), "{patch:?} is not in one sector");
        patch
    }

    /// Where it is: bytes from the start of the target.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes that are there before.
    pub fn before(&self) -> &[u8] {
        &self.before
    }

    /// The bytes that are there after.
    pub fn after(&self) -> &[u8] {
        &self.after
    }

    /// What takes it back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { offset: self.offset, before: self.after, after: self.before }
    }

    /// Puts its bytes over those of `buffer`, which begins at `offset` of the target, as far as they are there.
    pub fn show(&self, buffer: &mut [u8], offset: u64) {
        for (at, byte) in (self.offset..).zip(&self.after) {
            let index = at.checked_sub(offset).and_then(|index| usize::try_from(index).ok());
            if let Some(shown) = index.and_then(|index| buffer.get_mut(index)) {
                *shown = *byte;
            }
        }
    }

    /// Whether a reader beside the write sees all of it or nothing.
    pub fn is_within_line(&self) -> bool {
        self.lies_within(Self::LINE_LEN)
    }

    fn lies_within(&self, block_len: u64) -> bool {
        let len = self.before.len() as u64;
        len > 0 && self.offset % block_len + len <= block_len
    }
}

/// The copies that make one target file, or a region behind an existing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    alignment: u64,
    start: u64,
    pieces: Vec<Piece>,
    inline: Vec<u8>,
    len: u64,
    patches: Vec<Patch>,
}

impl Schedule {
    /// The pieces, in target order; they tile the file from [`Schedule::start`] on.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The bytes that [`Origin::Inline`] pieces are taken from.
    pub fn inline(&self) -> &[u8] {
        &self.inline
    }

    /// The first byte that is put in place: 0 for a new file, else the length of the existing one.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Length of the target file in bytes, once every piece is in place.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Bytes that are put in place.
    pub fn bytes_to_write(&self) -> u64 {
        self.len - self.start
    }

    /// What is replaced once every piece is in place and durable: in this order, each durable before the next.
    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// Whether the target file is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The block size in bytes, a power of two, to which congruent pieces were laid out.
    pub fn alignment(&self) -> u64 {
        self.alignment
    }
}

/// Builds a [`Schedule`] by appending, so that the pieces tile the file by construction.
#[derive(Debug)]
pub struct ScheduleBuilder {
    schedule: Schedule,
}

impl ScheduleBuilder {
    /// An empty schedule for blocks of `alignment` bytes.
    ///
    /// # Panics
    /// If `alignment` is not a power of two: the caller chose it.
    pub fn new(alignment: u64) -> Self {
        Self::appending(alignment, 0)
    }

    /// An empty schedule that begins behind the `start` bytes of an existing file.
    ///
    /// # Panics
    /// If `alignment` is not a power of two: the caller chose it.
    pub fn appending(alignment: u64, start: u64) -> Self {
        assert!(alignment.is_power_of_two(), "an alignment of {alignment} is not a power of two");
        let (pieces, inline, patches) = (Vec::new(), Vec::new(), Vec::new());
        Self { schedule: Schedule { alignment, start, pieces, inline, len: start, patches } }
    }

    /// Where the next piece will start: bytes from the start of the target.
    pub fn position(&self) -> u64 {
        self.schedule.len
    }

    /// Appends `len` bytes of `source` from `offset`; joins them to the piece before where they continue it.
    pub fn push_source(&mut self, source: SourceIndex, offset: u64, len: u64) {
        let continues = |piece: &Piece| matches!(piece.origin, Origin::Source { source: s, offset: o } if s == source && o + piece.len == offset);
        self.push(len, Origin::Source { source, offset }, continues);
    }

    /// Appends `len` bytes that `source` makes, from `offset` on; joins them to the piece before where they continue it.
    pub fn push_made(&mut self, source: SourceIndex, offset: u64, len: u64) {
        let continues = |piece: &Piece| matches!(piece.origin, Origin::Made { source: s, offset: o } if s == source && o + piece.len == offset);
        self.push(len, Origin::Made { source, offset }, continues);
    }

    /// Appends `bytes`, which the schedule keeps.
    pub fn push_inline(&mut self, bytes: &[u8]) {
        let offset = self.schedule.inline.len() as u64;
        self.schedule.inline.extend_from_slice(bytes);
        self.push(bytes.len() as u64, Origin::Inline { offset }, |piece| {
            matches!(piece.origin, Origin::Inline { .. })
        });
    }

    /// Appends `len` zeros.
    pub fn push_zero(&mut self, len: u64) {
        self.push(len, Origin::Zero, |piece| piece.origin == Origin::Zero);
    }

    /// The finished schedule.
    pub fn finish(self) -> Schedule {
        self.schedule
    }

    /// Adds what is replaced after everything else.
    pub fn push_patch(&mut self, patch: Patch) {
        self.schedule.patches.push(patch);
    }

    fn push(&mut self, len: u64, origin: Origin, continues: impl Fn(&Piece) -> bool) {
        if len == 0 {
            return;
        }
        let target = self.schedule.len;
        self.schedule.len =
            target.checked_add(len).expect("a target file is shorter than 2^64 bytes");
        match self.schedule.pieces.last_mut() {
            Some(last) if continues(last) => last.len += len,
            _ => self.schedule.pieces.push(Piece { target, len, origin }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_continue_one_another_are_joined() {
        let mut builder = ScheduleBuilder::new(4096);
        builder.push_inline(b"head");
        builder.push_inline(b"er");
        builder.push_source(SourceIndex(0), 100, 50);
        builder.push_source(SourceIndex(0), 150, 25);
        builder.push_source(SourceIndex(1), 175, 5);
        builder.push_zero(0);
        let schedule = builder.finish();
        let origin = |source, offset| Origin::Source { source: SourceIndex(source), offset };
        assert_eq!(
            schedule.pieces(),
            [
                Piece { target: 0, len: 6, origin: Origin::Inline { offset: 0 } },
                Piece { target: 6, len: 75, origin: origin(0, 100) },
                Piece { target: 81, len: 5, origin: origin(1, 175) },
            ]
        );
        assert_eq!(schedule.len(), 86);
        assert_eq!(schedule.inline(), b"header");
    }

    #[test]
    fn patch_shows_in_the_bytes_that_it_reaches() {
        let patch = Patch::new(10, b"old!", b"new!");
        let shown = |offset: u64, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            patch.show(&mut bytes, offset);
            bytes
        };
        assert_eq!(shown(8, b"..old!.."), b"..new!..");
        assert_eq!(shown(12, b"d!."), b"w!.");
        assert_eq!(shown(9, b".ol"), b".ne");
        assert_eq!(shown(14, b".."), b"..");
        assert_eq!(shown(0, b"....."), b".....");
    }

    #[test]
    fn region_behind_a_file_begins_where_the_file_ends() {
        let mut builder = ScheduleBuilder::appending(4096, 1000);
        assert_eq!(builder.position(), 1000);
        builder.push_inline(b"region");
        builder.push_patch(Patch::new(16, b"old!", b"new!"));
        let schedule = builder.finish();
        assert_eq!((schedule.start(), schedule.len(), schedule.bytes_to_write()), (1000, 1006, 6));
        assert_eq!(schedule.pieces()[0].target, 1000);
        assert_eq!(schedule.patches()[0].clone().reversed(), Patch::new(16, b"new!", b"old!"));
    }

    #[test]
    fn patch_is_torn_by_no_reader_only_within_one_cache_line() {
        let at = |offset| Patch::new(offset, &[0; 16], &[1; 16]);
        assert!(at(0).is_within_line() && at(48).is_within_line());
        assert!(!at(49).is_within_line() && !at(60).is_within_line());
        assert_eq!(at(496).offset(), 496);
    }

    #[test]
    fn patch_across_two_sectors_cannot_be_made() {
        let across = std::panic::catch_unwind(|| Patch::new(497, &[0; 16], &[1; 16]));
        assert!(across.is_err());
    }

    #[test]
    fn clipping_a_piece_moves_its_origin_with_it() {
        let piece = Piece {
            target: 10,
            len: 10,
            origin: Origin::Source { source: SourceIndex(3), offset: 1000 },
        };
        let clipped = piece.clip(12, 15).expect("they overlap");
        assert_eq!(clipped.target, 12);
        assert_eq!(clipped.len, 3);
        assert_eq!(clipped.origin, Origin::Source { source: SourceIndex(3), offset: 1002 });
        assert_eq!(piece.clip(20, 30), None);
    }
}
