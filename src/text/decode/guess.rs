//! The encoding of bytes that say nothing of it.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a document is looked at.
const SAMPLE: usize = 64 * 1024;

/// UTF-16 without a mark: an even number of bytes that cannot be text in an encoding of bytes (they
/// hold NULs, or other control characters and no UTF-8) and reads as the characters of Chinese files.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let has_nul = sample.contains(&0);
    let has_control = sample.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B));
    let unlike_bytes = has_nul
        || (std::str::from_utf8(bytes).is_err()
            && (has_control || GB18030.decode_without_bom_handling(bytes).1));
    if !unlike_bytes {
        return None;
    }
    let (le, be) = (likeness(sample, u16::from_le_bytes), likeness(sample, u16::from_be_bytes));
    let (encoding, best) = if le >= be { (UTF_16LE, le) } else { (UTF_16BE, be) };
    (best >= 90).then_some(encoding)
}

/// Share of units, in percent, that are common in Chinese files.
fn likeness(sample: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let units = sample.as_chunks::<2>().0;
    let common = units.iter().filter(|pair| {
        matches!(unit(**pair), 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x2010..=0x203B | 0x3000..=0x3017
            | 0x4E00..=0x9FFF | 0xFF01..=0xFF5E)
    });
    common.count() * 100 / units.len().max(1)
}

/// Whether bytes are UTF-8 beyond doubt: valid, with Chinese characters that no text in GB18030 could give by
/// chance (a word or two could: 联通 is the known one).
pub(super) fn surely_utf8(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.chars().filter(|c| matches!(c, '\u{4E00}'..='\u{9FFF}')).nth(3).is_some()
}

/// The most likely encoding of bytes: UTF-8 when they are valid, else by detection, where a guess that
/// is foreign to Chinese pages gives way to GB18030 if most of the text is then everyday Chinese.
pub(super) fn encoding(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Allow);
    if guessed == GBK || guessed == GB18030 {
        return GB18030;
    }
    let chinese = guessed == BIG5 || guessed == UTF_8;
    if !chinese && everyday_gb(bytes) { GB18030 } else { guessed }
}

/// Whether the bytes are valid GB18030 and at least seven in ten of the pairs are of the first level of
/// GB 2312, the 3,755 most common characters.
fn everyday_gb(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if GB18030.decode_without_bom_handling(bytes).1 {
        return false;
    }
    let (mut pairs, mut common) = (0usize, 0usize);
    let mut rest = sample.iter();
    while let Some(&lead) = rest.next() {
        if lead >= 0x81 {
            let trail = rest.next().copied().unwrap_or_default();
            pairs += 1;
            let punctuation = lead == 0xA1 || lead == 0xA3;
            common += usize::from(((0xB0..=0xD7).contains(&lead) || punctuation) && trail >= 0xA1);
        }
    }
    pairs > 0 && common * 10 >= pairs * 7
}
