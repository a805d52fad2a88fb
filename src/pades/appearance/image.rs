//! A picture of a mark: a PNG with transparency as an image `XObject` that every level of PDF/A
//! takes. A soft mask is forbidden by PDF/A-1, so what is transparent is cut out by an explicit
//! mask (ISO 32000-2, 8.9.6.3), finer than the picture where that is coarse; colours are by CalRGB,
//! which needs no output intent.

use lopdf::{Dictionary, Object, ObjectId};
use png::{ColorType, Decoder, Limits, Transformations};

use super::{colour, deflated};
use crate::pades::error::Refusal;

/// A picture, decoded.
pub(super) struct Picture {
    width: usize,
    height: usize,
    /// Red, green, blue and alpha, row by row from the top.
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// Reads a PNG.
    ///
    /// # Errors
    /// `FieldInvalid` when it is none, or too large.
    pub(super) fn from_png(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > BYTES_MAX {
            return Err(invalid("the picture has more than 2 MiB"));
        }
        let limits = Limits { bytes: DECODED_MAX };
        let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
        decoder.set_transformations(Transformations::normalize_to_color8());
        let unreadable = |_| invalid("the picture is no PNG that can be read");
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width == 0 || height == 0 || u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(invalid("the picture has more than 4 million pixels"));
        }
        // The decoder panics where a palette is not of whole colours, 256 at most (PNG, 11.2.2).
        let palette = reader.info().palette.as_deref().unwrap_or_default();
        if !palette.len().is_multiple_of(3) || palette.len() > 3 * 256 {
            return Err(invalid("the picture's palette cannot be read"));
        }
        let size = reader
            .output_buffer_size()
            .ok_or_else(|| invalid("the picture is too large"))?;
        let mut data = vec![0; size];
        let frame = reader.next_frame(&mut data).map_err(unreadable)?;
        let samples = data.get(..frame.buffer_size()).unwrap_or_default();
        let pixels = match frame.color_type {
            ColorType::Grayscale => pixels::<1>(samples, |[grey]| [grey, grey, grey, 255]),
            ColorType::GrayscaleAlpha => {
                pixels::<2>(samples, |[grey, alpha]| [grey, grey, grey, alpha])
            }
            ColorType::Rgb => pixels::<3>(samples, |[red, green, blue]| [red, green, blue, 255]),
            ColorType::Rgba => pixels::<4>(samples, |pixel| pixel),
            ColorType::Indexed => return Err(invalid("the picture's palette cannot be read")),
        };
        Ok(Self {
            width: usize::try_from(width).unwrap_or_default(),
            height: usize::try_from(height).unwrap_or_default(),
            pixels,
        })
    }

    /// Its width and height in pixels.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Its height for a width of one.
    pub(super) fn aspect(&self) -> f64 {
        float(self.height) / float(self.width)
    }

    /// Takes the picture, and its mask if it has one, into the file.
    pub(super) fn embed(
        &self,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<ObjectId, Refusal> {
        let mut dictionary = header(self.width, self.height, 8);
        dictionary.set("ColorSpace", colour::cal_rgb());
        if self.pixels.iter().any(|[_, _, _, alpha]| *alpha < 255) {
            let mask = add(self.mask()?)?;
            dictionary.set("Mask", Object::Reference(mask));
        }
        let samples: Vec<u8> = self
            .pixels
            .iter()
            .flat_map(|pixel| on_white(*pixel))
            .collect();
        add(deflated(dictionary, &samples)?)
    }

    /// One bit a point, 1 where nothing is painted.
    fn mask(&self) -> Result<Object, Refusal> {
        let fine = FINE_WIDTH.div_ceil(self.width).clamp(1, FINE_MAX);
        let (width, height) = (self.width * fine, self.height * fine);
        let mut bits = Vec::with_capacity(width.div_ceil(8) * height);
        for row in 0..height {
            let mut octet = 0_u8;
            for column in 0..width {
                let is_hidden = self.alpha(column, row, fine) < 0.5;
                octet = octet << 1 | u8::from(is_hidden);
                if column % 8 == 7 {
                    bits.push(octet);
                    octet = 0;
                }
            }
            if !width.is_multiple_of(8) {
                bits.push(octet << (8 - width % 8));
            }
        }
        let mut dictionary = header(width, height, 1);
        dictionary.set("ImageMask", Object::Boolean(true));
        deflated(dictionary, &bits)
    }

    /// How opaque a point of the mask is: between the middles of the four pixels around it.
    fn alpha(&self, column: usize, row: usize, fine: usize) -> f64 {
        let middle = |at: usize| (float(at) + 0.5) / float(fine) - 0.5;
        let (x, y) = (middle(column).max(0.0), middle(row).max(0.0));
        let (left, upper) = (floor(x), floor(y));
        let (across, down) = (x - float(left), y - float(upper));
        let at = |x: usize, y: usize| {
            let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
            let pixel = self.pixels.get(y * self.width + x);
            pixel.map_or(0.0, |[_, _, _, alpha]| f64::from(*alpha) / 255.0)
        };
        let row = |y: usize| at(left, y) * (1.0 - across) + at(left + 1, y) * across;
        row(upper) * (1.0 - down) + row(upper + 1) * down
    }
}

fn pixels<const N: usize>(samples: &[u8], pixel: impl Fn([u8; N]) -> [u8; 4]) -> Vec<[u8; 4]> {
    let (whole, _) = samples.as_chunks::<N>();
    whole.iter().map(|samples| pixel(*samples)).collect()
}

/// What shows of a pixel on white paper.
fn on_white([red, green, blue, alpha]: [u8; 4]) -> [u8; 3] {
    [red, green, blue].map(|sample| {
        let (sample, alpha) = (u32::from(sample), u32::from(alpha));
        let blended = (sample * alpha + 255 * (255 - alpha) + 127) / 255;
        u8::try_from(blended).unwrap_or(u8::MAX)
    })
}

fn header(width: usize, height: usize, bits: i64) -> Dictionary {
    let number = |value: usize| Object::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Image".to_vec()));
    dictionary.set("Width", number(width));
    dictionary.set("Height", number(height));
    dictionary.set("BitsPerComponent", Object::Integer(bits));
    dictionary
}

#[expect(clippy::cast_precision_loss, reason = "at most some millions")]
fn float(number: usize) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, at most some thousands"
)]
fn floor(number: f64) -> usize {
    number as usize
}

fn invalid(why: &str) -> Refusal {
    Refusal::FieldInvalid(why.into())
}

/// Bytes of a picture's file, at most.
const BYTES_MAX: usize = 2 << 20;
/// Bytes that decoding may take.
const DECODED_MAX: usize = 64 << 20;
/// Pixels of a picture, at most.
const PIXELS_MAX: u64 = 4_000_000;
/// A mask has about so many points across: at a seal's 36 mm that is 700 to the inch …
const FINE_WIDTH: usize = 1000;
/// … and at most so many for a pixel.
const FINE_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: &[[u8; 4]], width: usize) -> Picture {
        Picture {
            width,
            height: pixels.len() / width,
            pixels: pixels.to_vec(),
        }
    }

    #[test]
    fn half_transparent_red_is_pink_on_white() {
        assert_eq!(on_white([255, 0, 0, 255]), [255, 0, 0]);
        assert_eq!(on_white([255, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(on_white([255, 0, 0, 128]), [255, 127, 127]);
    }

    #[test]
    fn the_mask_follows_the_edge_between_two_pixels() {
        let picture = picture(&[[0, 0, 0, 255], [0, 0, 0, 0]], 2);
        let shown: Vec<bool> = (0..8).map(|at| picture.alpha(at, 0, 4) >= 0.5).collect();
        assert_eq!(shown, [true, true, true, true, false, false, false, false]);
    }

    #[test]
    fn what_is_no_png_is_refused() {
        assert!(Picture::from_png(b"GIF89a").is_err());
        assert!(Picture::from_png(&vec![0; BYTES_MAX + 1]).is_err());
    }
}
