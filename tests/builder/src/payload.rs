//! The bytes of samples: derived from the movie's seed, the track and the sample, so that a wrong sample is seen.
//!
//! - In: a seed, where the sample is, its size, and for pictures what its ProRes frame header shall say.
//! - Out: exactly that many bytes; different for any two samples of 8 bytes or more.
//! - Not here: anything that decodes (`media` makes real pictures).
//!
//! References: SMPTE RDD 36, 5.1 (frame header).

use super::track::VideoSpec;

/// Bytes before the pseudo-random part of a picture: frame size, `icpf`, frame header of 20 bytes.
const FRAME_HEADER_END: usize = 28;

/// The bytes of sample `sample` of track `track` in the movie `seed`.
pub fn bytes(seed: u64, track: usize, sample: usize, len: usize) -> Vec<u8> {
    let mut state = mix(seed ^ mix((track as u64) << 40 | sample as u64));
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state = mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
        bytes.extend(state.to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The same, with the header of a ProRes frame where `len` has room for one.
pub fn picture(seed: u64, track: usize, sample: usize, len: usize, video: &VideoSpec) -> Vec<u8> {
    let mut bytes = bytes(seed, track, sample, len);
    if len > FRAME_HEADER_END {
        bytes[..4].copy_from_slice(&super::atoms::be32(len as u64));
        bytes[4..8].copy_from_slice(b"icpf");
        bytes[8..10].copy_from_slice(&20u16.to_be_bytes());
        bytes[10..12].copy_from_slice(&[0, 1]);
        bytes[12..16].copy_from_slice(b"test");
        bytes[16..18].copy_from_slice(&video.width.to_be_bytes());
        bytes[18..20].copy_from_slice(&video.height.to_be_bytes());
        let chroma_format = if video.codec.starts_with(b"ap4") { 3 } else { 2 };
        bytes[20] = chroma_format << 6 | video.interlace_mode << 2;
        bytes[21] = 0;
        bytes[22..25].copy_from_slice(&video.color);
        bytes[25] = video.alpha_channel_type;
        bytes[26..FRAME_HEADER_END].copy_from_slice(&[0, 0]);
    }
    bytes
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_seed_track_or_sample_gives_other_bytes() {
        let here = bytes(1, 2, 3, 16);
        assert_ne!(here, bytes(2, 2, 3, 16));
        assert_ne!(here, bytes(1, 3, 3, 16));
        assert_ne!(here, bytes(1, 2, 4, 16));
        assert_eq!(here, bytes(1, 2, 3, 16));
    }

    #[test]
    fn a_picture_has_the_frame_header_that_its_track_describes() {
        let video = VideoSpec { width: 64, height: 48, ..VideoSpec::prores_4444() };
        let frame = picture(9, 0, 0, 100, &video);
        assert_eq!(frame.len(), 100);
        assert_eq!(&frame[..12], [0, 0, 0, 100, b'i', b'c', b'p', b'f', 0, 20, 0, 1]);
        assert_eq!(&frame[16..21], [0, 64, 0, 48, 0xc0]);
    }
}
