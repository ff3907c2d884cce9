//! Tells text that was decoded by the wrong charset (乱码) from text.

use encoding_rs::GBK;

/// Whether a text was decoded by the wrong charset: replacement characters, the well-known 锟斤拷, UTF-8
/// read as GBK (it can be turned back), or Chinese read as Latin-1.
pub(super) fn is_garbled(text: &str) -> bool {
    text.chars().filter(|c| *c == '\u{fffd}').count() >= 2
        || ["锟斤拷", "烫烫烫", "屯屯屯"].iter().any(|sign| text.contains(sign))
        || is_utf8_as_gbk(text)
        || is_latin1(text)
}

/// Text that, encoded as GBK, is good UTF-8 of several three-byte characters: no Chinese sentence is.
fn is_utf8_as_gbk(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    // The last character may have been cut in the middle: by the wrong decoding, which then ends in a
    // replacement character, or by an excerpt.
    let (bytes, _, unmappable) = GBK.encode(text.trim_end_matches('\u{fffd}'));
    if unmappable {
        return false;
    }
    let whole = match std::str::from_utf8(&bytes) {
        Ok(whole) => whole,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            if bytes.len() - good.len() > 4 {
                return false;
            }
            std::str::from_utf8(good).unwrap_or_default()
        }
    };
    whole.chars().filter(|c| c.len_utf8() == 3).count() >= 3
}

/// Mostly letters with accents where Chinese should be.
fn is_latin1(text: &str) -> bool {
    let accents = text.chars().filter(|c| ('\u{80}'..='\u{ff}').contains(c)).count();
    let beyond = text.chars().filter(|c| *c > '\u{2fff}').count();
    accents >= 8 && beyond == 0 && accents * 3 >= text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_charsets_are_seen_and_right_ones_are_not() {
        let good = "工地拖欠工资半年，工人聚集讨薪";
        let (as_gbk, _, _) = GBK.decode(good.as_bytes());
        let (gbk, _, _) = GBK.encode(good);
        let as_utf8 = String::from_utf8_lossy(&gbk).into_owned();
        let as_latin1: String = good.bytes().map(char::from).collect();
        for bad in [as_gbk.as_ref(), &as_utf8, &as_latin1, "锟斤拷锟斤拷"] {
            assert!(is_garbled(bad), "{bad}");
        }
        for fine in
            [good, "", "Hello", "Voilà un café très élégant", "😀😀 好", "한국어 기사", "日本語の記事です"]
        {
            assert!(!is_garbled(fine), "{fine}");
        }
    }
}
