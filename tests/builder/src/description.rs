//! Writes `stsd`: the sample descriptions of pictures, sound, timecode and the rest.
//!
//! - In: [`Media`]. Out: the whole `stsd` atom.
//! - Not here: the tables beside it (`tables`).
//!
//! References: QuickTime File Format, "Video Sample Description", "Sound Sample Descriptions", "Timecode Sample
//! Description".

use super::atoms::{Kind, atom, be16, be32, full_atom, stranger};
use super::track::{Media, SoundSpec, TimecodeSpec, TrackSpec, VideoSpec};

/// The `stsd` atom of a track.
pub fn stsd(track: &TrackSpec) -> Vec<u8> {
    let (kind, mut fields, count) = match &track.media {
        Media::Video(video) => (video.codec, video_fields(video), video.description_count),
        Media::Sound(sound) => (sound.codec, sound_fields(sound), 1),
        Media::Timecode(timecode) => (*b"tmcd", timecode_fields(timecode), 1),
        Media::Text => (*b"text", text_fields(), 1),
        Media::Other(kind) => (*kind, vec![0x5a; 12], 1),
    };
    if track.strangers && matches!(track.media, Media::Video(_)) {
        fields.extend(stranger(b"xdsc", 9));
    }
    fields.extend(vec![0; track.description_padding]);
    let one = entry(&kind, &fields);
    let entries = one.repeat(count as usize);
    full_atom(b"stsd", 0, 0, &[&be32(count.into())[..], &entries].concat())
}

/// The chain of colour, field and shape atoms that Apple's own writers put after a ProRes description.
pub fn apple_video_atoms() -> Vec<Vec<u8>> {
    vec![
        atom(b"gama", &be32(0x0002_3333)),
        atom(b"fiel", &[1, 0]),
        atom(b"colr", b"nclc\x00\x01\x00\x01\x00\x01"),
        atom(b"pasp", &[be32(1), be32(1)].concat()),
        atom(
            b"clap",
            &[64u64, 1, 64, 1, 0, 1, 0, 1].iter().flat_map(|&n| be32(n)).collect::<Vec<u8>>(),
        ),
    ]
}

/// A sample description: size, codec, six zeros, data reference 1, then `fields`.
fn entry(kind: &Kind, fields: &[u8]) -> Vec<u8> {
    atom(kind, &[&[0, 0, 0, 0, 0, 0, 0, 1][..], fields].concat())
}

fn video_fields(video: &VideoSpec) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend(be32(0)); // version, revision
    fields.extend(b"appl");
    fields.extend([be32(0x200), be32(0x200)].concat()); // temporal, spatial quality
    fields.extend([video.width.to_be_bytes(), video.height.to_be_bytes()].concat());
    fields.extend([be32(0x0048_0000), be32(0x0048_0000), be32(0)].concat()); // 72 dpi, data size
    fields.extend(be16(1)); // frames a sample
    let mut name = [0; 32];
    name[..16].copy_from_slice(b"\x0fApple ProRes xx");
    fields.extend(name);
    fields.extend(video.depth.to_be_bytes());
    fields.extend([0xff, 0xff]); // no colour table
    fields.extend(video.atoms.concat());
    fields
}

fn sound_fields(sound: &SoundSpec) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend([sound.version.to_be_bytes(), [0, 0]].concat());
    fields.extend(be32(0)); // vendor
    if sound.version == 2 {
        // Version 2 says in its old fields what a reader of version 0 can live with.
        fields.extend([be16(3), be16(16), [0xff, 0xfe], be16(0)].concat());
        fields.extend([be32(0x0001_0000), be32(72)].concat());
        fields.extend(f64::from(sound.rate).to_be_bytes());
        fields.extend([be32(sound.channels.into()), be32(0x7f00_0000)].concat());
        fields.extend([be32(sound.bits.into()), be32(0xc)].concat());
        fields.extend([be32(sound.bytes_per_packet.into()), be32(1)].concat());
    } else {
        fields.extend([sound.channels.to_be_bytes(), sound.bits.to_be_bytes()].concat());
        // -1: packets of one size.
        let compression = if sound.frames_per_packet > 1 { [0xff, 0xff] } else { [0, 0] };
        fields.extend([compression, [0, 0]].concat());
        fields.extend((sound.rate << 16).to_be_bytes());
        if sound.version == 1 {
            let channels = u64::from(sound.channels);
            let packet = u64::from(sound.bytes_per_packet);
            fields.extend(be32(sound.frames_per_packet.into()));
            fields.extend([be32(packet / channels), be32(packet), be32(2)].concat());
        }
    }
    if sound.wave {
        let terminator = [0, 0, 0, 8, 0, 0, 0, 0].to_vec();
        let inner = [atom(b"frma", &sound.codec), atom(b"enda", &[0, 1]), terminator].concat();
        fields.extend(atom(b"wave", &inner));
    }
    fields
}

fn timecode_fields(timecode: &TimecodeSpec) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend([be32(0), timecode.flags.to_be_bytes()].concat());
    fields
        .extend([timecode.timescale.to_be_bytes(), timecode.frame_duration.to_be_bytes()].concat());
    fields.extend([timecode.frames_per_second, 0]);
    if let Some(reel) = &timecode.reel {
        let text = [&be16(reel.len() as u64)[..], &be16(0), reel.as_bytes()].concat();
        fields.extend(atom(b"name", &text));
    }
    fields
}

fn text_fields() -> Vec<u8> {
    let mut fields = vec![0; 43];
    fields.extend(b"\x00"); // an empty font name
    fields
}
