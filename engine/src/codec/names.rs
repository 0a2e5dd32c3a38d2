//! What codecs are called.

use crate::units::FourCc;

/// The name of a codec of pictures, by the fourcc of its sample description; `None` where it is not known.
pub fn name(codec: FourCc) -> Option<&'static str> {
    Some(match &codec.0 {
        b"apco" => "ProRes 422 Proxy",
        b"apcs" => "ProRes 422 LT",
        b"apcn" => "ProRes 422",
        b"apch" => "ProRes 422 HQ",
        b"ap4h" => "ProRes 4444",
        b"ap4x" => "ProRes 4444 XQ",
        b"aprn" => "ProRes RAW",
        b"aprh" => "ProRes RAW HQ",
        b"AVdn" => "DNxHD",
        b"AVdh" => "DNxHR",
        b"CFHD" => "CineForm",
        b"avc1" | b"avc3" | b"ai12" | b"ai13" | b"ai15" | b"ai16" | b"ai52" | b"ai53" | b"ai55"
        | b"ai56" | b"ai1p" | b"ai1q" | b"ai5p" | b"ai5q" => "H.264",
        b"hvc1" | b"hev1" => "HEVC",
        b"av01" => "AV1",
        b"vp08" => "VP8",
        b"vp09" => "VP9",
        b"mp4v" => "MPEG-4",
        b"m2v1" | b"mp2v" | b"xdv1" | b"xdv2" | b"xdv3" | b"xdv4" | b"xdv5" | b"xdv6" | b"xdv7"
        | b"xdv8" | b"xdv9" | b"xdva" | b"xdvb" | b"xdvc" | b"xdvd" | b"xdve" | b"xdvf"
        | b"xd54" | b"xd55" | b"xd59" | b"xd5a" | b"xd5b" | b"xd5c" | b"xd5d" | b"xd5e"
        | b"xd5f" | b"mx5n" | b"mx5p" | b"mx4n" | b"mx4p" | b"mx3n" | b"mx3p" => "MPEG-2",
        b"v210" => "uncompressed 4:2:2 10-bit",
        b"2vuy" | b"yuv2" | b"uyvy" | b"yuvs" => "uncompressed 4:2:2 8-bit",
        b"v216" => "uncompressed 4:2:2 16-bit",
        b"v308" => "uncompressed 4:4:4 8-bit",
        b"v408" => "uncompressed 4:4:4:4 8-bit",
        b"v410" => "uncompressed 4:4:4 10-bit",
        b"r210" | b"R10k" | b"R10g" => "uncompressed RGB 10-bit",
        b"b48r" => "uncompressed RGB 16-bit",
        b"b64a" => "uncompressed ARGB 16-bit",
        b"raw " => "uncompressed RGB",
        b"rle " => "Animation",
        b"png " => "PNG",
        b"tiff" => "TIFF",
        b"jpeg" | b"mjpa" | b"mjpb" | b"AVDJ" | b"dmb1" => "Motion JPEG",
        b"mjp2" => "JPEG 2000",
        b"icod" => "Apple Intermediate Codec",
        b"dvc " | b"dvcp" | b"dvpp" | b"dv5n" | b"dv5p" | b"dvh2" | b"dvh3" | b"dvh5" | b"dvh6"
        | b"dvhp" | b"dvhq" => "DV",
        b"Hap1" | b"Hap5" | b"HapY" | b"HapM" | b"HapA" | b"Hap7" | b"HapH" => "Hap",
        b"SVQ1" | b"SVQ3" => "Sorenson Video",
        b"cvid" => "Cinepak",
        b"h263" | b"s263" => "H.263",
        b"rpza" => "Apple Video",
        b"smc " => "Apple Graphics",
        b"8BPS" => "Planar RGB",
        _ => return None,
    })
}

/// The name of a codec with its fourcc, or the fourcc alone: `H.264 ('avc1')`, `'zork'`.
pub fn described(codec: FourCc) -> String {
    match name(codec) {
        Some(name) => format!("{name} ({codec:?})"),
        None => format!("{codec:?}"),
    }
}
