//! What goes where: the copies of one target file as plain data.
//!
//! - In: appended pieces, in target order ([`ScheduleBuilder`]).
//! - Out: [`Schedule`], which holds no pointer and no descriptor, so that one schedule runs on every route and can be
//!   compared as text.
//! - Holds after construction: the pieces tile `0..len` without a gap or an overlap, and none is empty.
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
            Origin::Inline { offset } => Origin::Inline { offset: offset + skip },
            Origin::Zero => Origin::Zero,
        };
        Some(Piece { target: from, len: to - from, origin })
    }
}

/// The copies that make one target file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    alignment: u64,
    pieces: Vec<Piece>,
    inline: Vec<u8>,
    len: u64,
}

impl Schedule {
    /// The pieces, in target order; they tile the file.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The bytes that [`Origin::Inline`] pieces are taken from.
    pub fn inline(&self) -> &[u8] {
        &self.inline
    }

    /// Length of the target file in bytes.
    pub fn len(&self) -> u64 {
        self.len
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
        assert!(alignment.is_power_of_two(), "an alignment of {alignment} is not a power of two");
        Self { schedule: Schedule { alignment, pieces: Vec::new(), inline: Vec::new(), len: 0 } }
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
