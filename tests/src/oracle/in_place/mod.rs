//! Movies that are changed in place: what a file shows at every moment of an insert or an undo.
//!
//! ```text
//! before     ftyp wide mdat[ a a b b c ] moov                                     the old movie
//! appended   ftyp wide mdat[ a a b b c ] moov mdat(0)[ B B ...  moov' ]           still the old movie
//! switched   ftyp wide mdat[ a a b b c   moov mdat    B B ... ] moov'             the new movie
//! ```
//!
//! - [`walker`]: the atoms at the top level, by rules that no reader is known to be stricter than.
//! - [`shown`]: which movie a file shows, and whether that is the old one or the new one, sample by sample.
//! - [`maker`]: an insert made in the simplest way, so that the other parts can be tried without the engine.
//! - [`states`]: every state that a file passes through, and what each must show.
//! - [`insert`]: what an insert may change, and what it must leave alone.
//!
//! References: QuickTime File Format, "Atoms", "Movie Atoms"; ISO/IEC 14496-12 4.2.

pub mod insert;
pub mod maker;
pub mod shown;
pub mod states;
pub mod walker;
