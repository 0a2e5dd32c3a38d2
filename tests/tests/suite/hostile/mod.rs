//! What the engine makes of damaged and malicious files. What they cost in memory is in `hostile_memory`.

/// Each class of damage and the message that names it.
mod damage;
/// Movies and plans mutated by a seed.
mod mutations;
