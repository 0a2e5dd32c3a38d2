//! The oracle: what a splice must make, worked out slowly and simply, with no code of the engine.
//!
//! - [`reader`]: a movie read whole into memory, every sample in a list.
//! - [`placer`]: timecode to base samples by plain counting.
//! - [`priority`]: whose frame it is where several clips claim one.
//! - [`splicer`]: what each output sample must be.
//! - [`checker`]: whether an output keeps every promise of DESIGN.md; [`layout`] and [`header`] are its parts.
//! - [`in_place`]: a movie that is changed in place: what it shows at every moment.
//! - [`content`]: which base frame a clip's picture shows, in simple cases.
//! - [`prores`]: what a frame of ProRes decodes to, in `f64`.
//! - [`further`]: Mozilla's `mp4parse` as a second opinion on the reader itself.

pub mod checker;
pub mod content;
pub mod further;
pub mod header;
pub mod in_place;
pub mod layout;
pub mod placer;
pub mod priority;
pub mod prores;
pub mod reader;
pub mod splicer;
