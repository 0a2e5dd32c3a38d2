//! Recognises other file formats by their first bytes.
//!
//! - In: the first bytes of a file. Out: what it is, with its article, and whether it may hold video.
//! - Not here: movies (`file`).

/// Bytes that are looked at: two packets of a transport stream and a bit.
pub(super) const HEAD_LEN: usize = 400;

/// What begins a file of each format.
const SIGNATURES: [(&[u8], &str, bool); 21] = [
    (b"\x06\x0e\x2b\x34", "an MXF file", true),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM file", true),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file", true),
    (b"\x00\x00\x01\xba", "an MPEG program stream", true),
    (b"\x00\x00\x01\xb3", "an MPEG video stream", true),
    (b"\x00\x00\x00\x01\x67", "a raw H.264 stream", true),
    (b"\x00\x00\x00\x01\x40\x01", "a raw HEVC stream", true),
    (b"FLV\x01", "a Flash video file", true),
    (b"OggS", "an Ogg file", true),
    (b"SDPX", "a DPX picture", false),
    (b"XPDS", "a DPX picture", false),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture", false),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", false),
    (b"\xff\xd8\xff", "a JPEG picture", false),
    (b"II*\x00", "a TIFF picture", false),
    (b"MM\x00*", "a TIFF picture", false),
    (b"GIF8", "a GIF picture", false),
    (b"PK\x03\x04", "a ZIP archive", false),
    (b"%PDF", "a PDF document", false),
    (b"<?xml", "an XML document", false),
    (b"ID3", "an MP3 file", false),
];

/// What a file is that begins so; `None` if that cannot be told.
pub(super) fn of(head: &[u8]) -> Option<(&'static str, bool)> {
    let begins = |at: usize, with: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(with));
    if begins(0, b"RIFF") || begins(0, b"RF64") {
        return match head.get(8..12)? {
            b"AVI " => Some(("an AVI file", true)),
            b"WAVE" => Some(("a WAV file", false)),
            _ => None,
        };
    }
    if begins(0, b"FORM") && (begins(8, b"AIFF") || begins(8, b"AIFC")) {
        return Some(("an AIFF file", false));
    }
    if begins(4, b"RED1") || begins(4, b"RED2") {
        return Some(("an R3D file", false));
    }
    // A sync byte every 188 bytes; recordings of cameras put 4 bytes before each packet.
    let is_stream =
        |at: usize, step: usize| (0..2).all(|packet| head.get(at + packet * step) == Some(&0x47));
    if is_stream(0, 188) || is_stream(4, 192) {
        return Some(("an MPEG transport stream", true));
    }
    let known = SIGNATURES.iter().find(|(signature, ..)| begins(0, signature));
    known.map(|&(_, name, is_video)| (name, is_video))
}
