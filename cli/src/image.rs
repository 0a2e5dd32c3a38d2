//! Pictures as files: PNG and JPEG.
//!
//! - In: an RGB picture, and what is to be said of it inside the file.
//! - Out: the file's bytes.
//! - Not here: where pictures come from (`intercut_engine::display`), where files go (`save`).

use std::io;
use std::path::Path;

use intercut_engine::display::Rgb;

/// What JPEG keeps, 1 to 100: at this, faults of a picture are not faults of the file.
const JPEG_QUALITY: u8 = 90;

/// The form of a picture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageForm {
    /// PNG, which loses nothing.
    Png,
    /// JPEG.
    Jpeg,
}

impl ImageForm {
    /// The form that a file's name stands for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }

    /// The picture in this form.
    ///
    /// - `comment`: kept in the file, for people.
    ///
    /// # Errors
    /// If the picture is too large for the form: JPEG ends at 65535 pixels.
    pub(crate) fn encode(self, picture: &Rgb, comment: &str) -> io::Result<Vec<u8>> {
        match self {
            Self::Png => png(picture, comment),
            Self::Jpeg => {
                let mut bytes = jpeg(picture, JPEG_QUALITY, JpegFor::Keeping)?;
                add_comment(&mut bytes, comment);
                Ok(bytes)
            }
        }
    }
}

fn png(picture: &Rgb, comment: &str) -> io::Result<Vec<u8>> {
    let [width, height] = [picture.width, picture.height]
        .map(|len| u32::try_from(len).map_err(|_| io::Error::other("it is too large")));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width?, height?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder.add_itxt_chunk("Comment".to_owned(), comment.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// What a JPEG file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JpegFor {
    /// It is a file of its own: colour as fine as the movie's, and no byte too many.
    Keeping,
    /// One of many on a page, which is to be there at once.
    Glancing,
}

/// The picture as a JPEG file.
///
/// - `quality`: what it keeps, 1 to 100.
/// - `what_for`: what matters beside that.
///
/// # Errors
/// If the picture has more than 65535 pixels a side.
pub(crate) fn jpeg(picture: &Rgb, quality: u8, what_for: JpegFor) -> io::Result<Vec<u8>> {
    let too_large = |_| io::Error::other("JPEG has no pictures of more than 65535 pixels a side");
    let [width, height] = [picture.width, picture.height].map(u16::try_from);
    let (width, height) = (width.map_err(too_large)?, height.map_err(too_large)?);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(match what_for {
        JpegFor::Keeping => jpeg_encoder::SamplingFactor::F_2_1,
        JpegFor::Glancing => jpeg_encoder::SamplingFactor::F_2_2,
    });
    encoder.set_optimized_huffman_tables(what_for == JpegFor::Keeping);
    let pixels = &picture.pixels;
    encoder
        .encode(pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

/// Puts a comment behind the first segment of a JPEG file, which has to be the first (ITU-T T.81, B.2.4.5; JFIF 1.02).
fn add_comment(jpeg: &mut Vec<u8>, comment: &str) {
    let (Some(&[_, _, _, _, high, low]), Ok(len)) =
        (jpeg.first_chunk(), u16::try_from(comment.len() + 2))
    else {
        return;
    };
    let at = 4 + usize::from(u16::from_be_bytes([high, low]));
    let segment = [&[0xff, 0xfe], &len.to_be_bytes(), comment.as_bytes()].concat();
    jpeg.splice(at..at, segment);
}

/// A JPEG file as text that a page can have in place of an address (RFC 2397, RFC 4648).
pub(crate) fn jpeg_uri(jpeg: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut uri = String::with_capacity(23 + jpeg.len().div_ceil(3) * 4);
    uri.push_str("data:image/jpeg;base64,");
    for bytes in jpeg.chunks(3) {
        let at = |index: usize| u32::from(bytes.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) as usize & 63;
            uri.push(if digit <= bytes.len() { DIGITS[index].into() } else { '=' });
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_follows_from_the_name() {
        let forms = ["a.png", "a.PNG", "a.jpg", "b.c.JPEG", "a.tif", "png", ".jpg"]
            .map(|name| ImageForm::of(Path::new(name)));
        let (png, jpeg) = (Some(ImageForm::Png), Some(ImageForm::Jpeg));
        assert_eq!(forms, [png, png, jpeg, jpeg, None, None, None]);
    }

    #[test]
    fn png_keeps_every_pixel_and_the_comment() {
        let pixels: Vec<u8> = (0..5 * 3 * 3).collect();
        let picture = Rgb { width: 5, height: 3, pixels: pixels.clone() };
        let bytes = ImageForm::Png.encode(&picture, "shown \u{e9}").unwrap();
        let decoder = png::Decoder::new(io::Cursor::new(bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut read = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut read).unwrap();
        assert_eq!((reader.info().width, reader.info().height, read), (5, 3, pixels));
        assert_eq!(reader.info().utf8_text[0].get_text().unwrap(), "shown \u{e9}");
    }

    #[test]
    fn jpeg_begins_and_ends_as_one_and_has_the_comment() {
        let picture = Rgb { width: 20, height: 10, pixels: vec![128; 600] };
        let bytes = ImageForm::Jpeg.encode(&picture, "frame 7").unwrap();
        assert_eq!(
            (&bytes[..3], &bytes[bytes.len() - 2..]),
            (&b"\xff\xd8\xff"[..], &b"\xff\xd9"[..])
        );
        assert!(bytes.windows(7).any(|window| window == b"frame 7"));
        let wide = Rgb { width: 65_536, height: 1, pixels: vec![0; 3 * 65_536] };
        assert!(ImageForm::Jpeg.encode(&wide, "").is_err());
    }

    #[test]
    fn file_as_text_is_that_of_the_standard() {
        // RFC 4648, 10.
        let texts =
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| jpeg_uri(text.as_bytes()));
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(texts, expected.map(|text| format!("data:image/jpeg;base64,{text}")));
    }
}
