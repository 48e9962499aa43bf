//! Unpacks request bodies that came compressed, within a limit on what they unpack to.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::FrameDecoderError;

/// What `content-encoding` may name, as a reply of status 415 says it in `accept-encoding`.
pub(super) const ENCODINGS: &str = "gzip, deflate, zstd";
/// A body is unpacked this many times at most: each time the whole limit may be written.
const MAX_ENCODINGS: usize = 2;

/// A frame of zstd says how much memory its decoder needs. RFC 9659 allows so much where it is a content encoding.
const MAX_WINDOW_BYTES: u64 = 8 * 1024 * 1024;

/// Why a body can't be unpacked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecodeError {
    #[error("content-encoding `{0}` is not supported; send {ENCODINGS}, or the body as it is")]
    Unknown(String),
    #[error("content-encoding names more than {MAX_ENCODINGS} encodings")]
    TooMany,
    #[error("the body is longer than {0} bytes when it is unpacked")]
    TooLarge(usize),
    #[error("the body is not {encoding}, as its content-encoding says: {reason}")]
    Malformed {
        encoding: &'static str,
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
    Zstd,
}

/// The body as it was before it was packed; one without a `content-encoding` is not copied.
pub(super) fn decode(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, DecodeError> {
    if !headers.contains_key(CONTENT_ENCODING) {
        return Ok(body);
    }
    let encodings = encodings(headers)?;
    // The last one named was applied last.
    encodings
        .into_iter()
        .rev()
        .try_fold(body, |body, encoding| encoding.unpack(&body, limit))
}

fn encodings(headers: &HeaderMap) -> Result<Vec<Encoding>, DecodeError> {
    let mut encodings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for name in value.split(',').map(str::trim) {
            if name.is_empty() || name.eq_ignore_ascii_case("identity") {
                continue;
            }
            encodings.push(Encoding::named(name)?);
        }
    }
    if encodings.len() > MAX_ENCODINGS {
        return Err(DecodeError::TooMany);
    }
    Ok(encodings)
}

impl Encoding {
    fn named(name: &str) -> Result<Encoding, DecodeError> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Ok(Encoding::Gzip),
            "deflate" => Ok(Encoding::Deflate),
            "zstd" => Ok(Encoding::Zstd),
            // It goes into a message.
            _ => Err(DecodeError::Unknown(name.chars().take(40).collect())),
        }
    }

    fn unpack(self, packed: &[u8], limit: usize) -> Result<Bytes, DecodeError> {
        match self {
            Encoding::Gzip => read_whole(MultiGzDecoder::new(packed), "gzip", limit),
            // The name means zlib's format; some clients leave its frame away.
            Encoding::Deflate if has_zlib_head(packed) => {
                read_whole(ZlibDecoder::new(packed), "deflate", limit)
            }
            Encoding::Deflate => read_whole(DeflateDecoder::new(packed), "deflate", limit),
            Encoding::Zstd => unpack_zstd(packed, limit),
        }
    }
}

/// RFC 1950: method 8 in the low half of the first byte, and both bytes together a multiple of 31.
fn has_zlib_head(packed: &[u8]) -> bool {
    match packed {
        [first, second, ..] => {
            first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)
        }
        _ => false,
    }
}

fn read_whole(
    decoder: impl Read,
    encoding: &'static str,
    limit: usize,
) -> Result<Bytes, DecodeError> {
    let mut whole = Vec::new();
    // One byte above the limit shows that the body is too long.
    let mut bounded = decoder.take(limit as u64 + 1);
    let malformed = |error: std::io::Error| DecodeError::Malformed {
        encoding,
        reason: error.to_string(),
    };
    bounded.read_to_end(&mut whole).map_err(malformed)?;
    within(whole, limit)
}

fn unpack_zstd(packed: &[u8], limit: usize) -> Result<Bytes, DecodeError> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(MAX_WINDOW_BYTES);
    // The system gives pages of it as they are written.
    let mut whole = vec![0; limit + 1];
    match decoder.decode_all(packed, &mut whole) {
        Ok(bytes) => {
            whole.truncate(bytes);
            whole.shrink_to_fit();
            within(whole, limit)
        }
        Err(FrameDecoderError::TargetTooSmall) => Err(DecodeError::TooLarge(limit)),
        Err(error) => Err(DecodeError::Malformed {
            encoding: "zstd",
            reason: error.to_string(),
        }),
    }
}

fn within(whole: Vec<u8>, limit: usize) -> Result<Bytes, DecodeError> {
    if whole.len() > limit {
        return Err(DecodeError::TooLarge(limit));
    }
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const LIMIT: usize = 64 * 1024;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    const PACKERS: [(&str, Pack); 6] = [
        ("gzip", gzip),
        ("x-gzip", gzip),
        ("deflate", zlib),
        ("deflate", raw_deflate),
        ("zstd", zstd),
        ("identity", <[u8]>::to_vec),
    ];

    fn unpack(encodings: &[&str], packed: Vec<u8>) -> Result<Bytes, DecodeError> {
        let mut headers = HeaderMap::new();
        for encoding in encodings {
            headers.append(CONTENT_ENCODING, encoding.parse().unwrap());
        }
        decode(&headers, packed.into(), LIMIT)
    }

    #[test]
    fn packed_bodies_come_out_as_they_went_in() {
        for text in [&b""[..], b"{}", &b"{\"a\": 1}".repeat(1000)] {
            for (name, pack) in PACKERS {
                assert_eq!(unpack(&[name], pack(text)).unwrap(), text, "{name}");
                let shouted = name.to_uppercase();
                assert_eq!(unpack(&[&shouted], pack(text)).unwrap(), text, "{shouted}");
            }
            assert_eq!(unpack(&[], text.to_vec()).unwrap(), text);
        }
    }

    #[test]
    fn a_body_in_several_parts_is_read_to_its_end() {
        let gzipped = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(unpack(&["gzip"], gzipped).unwrap(), &b"one two"[..]);
        // Between two frames of zstd, one to be skipped.
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0][..], b"??"].concat();
        let frames = [zstd(b"one "), skipped, zstd(b"two")].concat();
        assert_eq!(unpack(&["zstd"], frames).unwrap(), &b"one two"[..]);
    }

    #[test]
    fn encodings_are_undone_from_the_last_one() {
        let twice = gzip(&zstd(b"twice"));
        assert_eq!(
            unpack(&["zstd, gzip"], twice.clone()).unwrap(),
            &b"twice"[..]
        );
        assert_eq!(
            unpack(&["zstd", "gzip"], twice.clone()).unwrap(),
            &b"twice"[..]
        );
        assert!(unpack(&["gzip, zstd"], twice).is_err());
        let thrice = unpack(&["gzip, gzip, gzip"], gzip(&gzip(&gzip(b"thrice"))));
        assert_eq!(thrice, Err(DecodeError::TooMany));
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        for (name, pack) in PACKERS.into_iter().filter(|(name, _)| *name != "identity") {
            assert_eq!(unpack(&[name], pack(&[b' '; LIMIT])).unwrap().len(), LIMIT);
            for bytes in [LIMIT + 1, 100 * LIMIT] {
                let bomb = pack(&vec![b' '; bytes]);
                assert_eq!(
                    unpack(&[name], bomb),
                    Err(DecodeError::TooLarge(LIMIT)),
                    "{name}"
                );
            }
        }
        // A frame that wants a window of 2 GiB: magic number, no flags, window descriptor 21 << 3.
        let window = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
        let error = unpack(&["zstd"], window).unwrap_err();
        assert!(matches!(error, DecodeError::Malformed { .. }), "{error}");
    }

    #[test]
    fn what_is_not_what_its_header_says_is_refused_with_a_reason() {
        for (name, pack) in PACKERS.into_iter().filter(|(name, _)| *name != "identity") {
            let mut half = pack(&b"{\"a\": 1}".repeat(1000));
            half.truncate(half.len() / 2);
            for wrong in [b"{\"model\": 1}".to_vec(), half] {
                let error = unpack(&[name], wrong).unwrap_err();
                assert!(
                    matches!(error, DecodeError::Malformed { .. }),
                    "{name}: {error}"
                );
            }
        }
        let unknown = unpack(&["br"], b"{}".to_vec()).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "content-encoding `br` is not supported; send gzip, deflate, zstd, or the body as it is"
        );
    }

    #[test]
    fn damaged_bodies_end_in_an_error_or_in_something_within_the_limit() {
        let mut random = fastrand::Rng::with_seed(8);
        let text = b"{\"role\": \"user\", \"content\": \"Reading list 7\"}".repeat(50);
        for (name, pack) in PACKERS {
            let whole = pack(&text);
            for _ in 0..300 {
                let mut damaged = whole.clone();
                for _ in 0..random.usize(1..4) {
                    let at = random.usize(..damaged.len());
                    damaged[at] = random.u8(..);
                }
                if let Ok(body) = unpack(&[name], damaged) {
                    assert!(body.len() <= LIMIT);
                }
            }
        }
    }
}
