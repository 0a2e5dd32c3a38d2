//! Writes atoms: a size, a kind, a payload.
//!
//! - In: payloads as plain bytes. Out: whole atoms as plain bytes; a parent is the concatenation of its children.
//! - Not here: what the payloads mean (`description`, `tables`, `trak`).
//!
//! References: QuickTime File Format, "Atom Layout"; ISO/IEC 14496-12 4.2.

/// A four-character code.
pub type Kind = [u8; 4];

/// How an atom states its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeForm {
    /// 32 bits.
    Short,
    /// 64 bits, after a 32-bit size of 1.
    Long,
    /// A size of 0: to the end of the file.
    ToEnd,
}

impl SizeForm {
    /// Bytes of a header of this form.
    pub fn header_len(self) -> u64 {
        if self == SizeForm::Long { 16 } else { 8 }
    }

    /// The header of an atom whose payload has `payload_len` bytes.
    pub fn header(self, kind: Kind, payload_len: u64) -> Vec<u8> {
        let whole = payload_len + self.header_len();
        let mut header = match self {
            SizeForm::Short => be32(whole).to_vec(),
            SizeForm::Long => be32(1).to_vec(),
            SizeForm::ToEnd => be32(0).to_vec(),
        };
        header.extend(kind);
        if self == SizeForm::Long {
            header.extend(whole.to_be_bytes());
        }
        header
    }
}

/// An atom with a 32-bit size.
pub fn atom(kind: &Kind, payload: &[u8]) -> Vec<u8> {
    atom_as(SizeForm::Short, kind, payload)
}

/// An atom with a size of the form `form`.
pub fn atom_as(form: SizeForm, kind: &Kind, payload: &[u8]) -> Vec<u8> {
    let mut bytes = form.header(*kind, payload.len() as u64);
    bytes.extend(payload);
    bytes
}

/// An atom whose payload begins with a version and 24 bits of flags.
pub fn full_atom(kind: &Kind, version: u8, flags: u32, payload: &[u8]) -> Vec<u8> {
    let mut versioned = (u32::from(version) << 24 | flags).to_be_bytes().to_vec();
    versioned.extend(payload);
    atom(kind, &versioned)
}

/// 32 bits, most significant byte first.
///
/// # Panics
/// Where `value` does not fit: the movie that was asked for cannot be written.
pub fn be32(value: u64) -> [u8; 4] {
    u32::try_from(value).expect("the value fits in 32 bits").to_be_bytes()
}

/// 16 bits, most significant byte first.
///
/// # Panics
/// As [`be32`].
pub fn be16(value: u64) -> [u8; 2] {
    u16::try_from(value).expect("the value fits in 16 bits").to_be_bytes()
}

/// 64 bits where `wide`, else 32.
pub fn be_time(wide: bool, value: u64) -> Vec<u8> {
    if wide { value.to_be_bytes().to_vec() } else { be32(value).to_vec() }
}

/// An atom that no reader knows, with a payload that depends on `tag`.
pub fn stranger(kind: &Kind, tag: u8) -> Vec<u8> {
    atom(kind, &[b's', tag, b't', tag, 0, 1, 2, 3, 0xff, tag, tag])
}
