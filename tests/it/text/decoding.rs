//! Bytes to text, by declaration and without.

use encoding_rs::{BIG5, Encoding, GB18030, SHIFT_JIS};
use proptest::prelude::*;
use yuqing::text::{decode, decode_office_file};

const STORY: &str =
    "青川县人民医院昨日发布通报，回应网民反映的收费问题。经调查，相关情况基本属实，已责令整改。";

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark: &[u16] = if mark { &[0xFEFF] } else { &[] };
    mark.iter()
        .copied()
        .chain(text.encode_utf16())
        .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
        .collect()
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

#[test]
fn the_mark_then_the_header_then_the_page_then_detection() {
    let page = |charset: &str| format!("<html><head><meta charset=\"{charset}\"></head><p>{STORY}</p>");
    let gbk_page = encoded(&page("gbk"), GB18030);
    assert_eq!(decode(&gbk_page, None, true).text, page("gbk"));
    assert_eq!(decode(&gbk_page, None, true).encoding, "gb18030");

    let http_equiv = format!(
        "<!-- <meta charset=big5> --><META http-equiv=Content-Type content='text/html; charset=gb2312'>{STORY}"
    );
    assert_eq!(decode(&encoded(&http_equiv, GB18030), None, true).text, http_equiv);

    // The header wins over the page, the mark over both.
    assert_eq!(decode(&encoded(&page("gbk"), BIG5), Some("Big5"), true).encoding, "Big5");
    let marked = format!("\u{FEFF}{}", page("gbk"));
    assert_eq!(decode(marked.as_bytes(), Some("gbk"), true).text, page("gbk"));

    let feed = format!("<?xml version='1.0' encoding='GB2312'?><rss>{STORY}</rss>");
    assert_eq!(decode(&encoded(&feed, GB18030), None, false).text, feed);
    assert_eq!(decode(&encoded(STORY, GB18030), None, true).text, STORY);
    let traditional = "縣立醫院昨日發布通報，回應網民反映的收費問題。經調查，相關情況基本屬實，已責令整改。";
    assert_eq!(decode(&encoded(traditional, BIG5), None, true).text, traditional);
    let japanese = "ウィキペディアは百科事典を作るプロジェクトです。";
    assert_eq!(decode(&encoded(japanese, SHIFT_JIS), Some("shift_jis"), true).text, japanese);
}

#[test]
fn a_declaration_that_does_not_fit_gives_way() {
    let decoded = decode(STORY.as_bytes(), Some("gbk"), true);
    assert!(decoded.text == STORY || decoded.encoding == "gb18030");
    let wrong = format!("<meta charset=utf-8>{STORY}");
    assert_eq!(decode(&encoded(&wrong, GB18030), None, true).text, wrong);
    assert_eq!(decode(&encoded(&wrong, GB18030), Some("utf-8"), true).text, wrong);
    assert_eq!(decode(STORY.as_bytes(), Some("no-such-charset"), true).text, STORY);
    // One stray byte does not turn a declared page into another language.
    let mut cut = encoded(&format!("<meta charset=gbk>{STORY}"), GB18030);
    cut.push(0xB0);
    let decoded = decode(&cut, None, true);
    assert_eq!((decoded.encoding, decoded.had_errors), ("gb18030", true));
    assert!(decoded.text.contains(STORY));
}

#[test]
fn characters_beyond_gbk_are_read() {
    let text = "<meta charset=gb2312>㐂𠮷€朱镕基";
    assert_eq!(decode(&encoded(text, GB18030), None, true).text, text);
}

#[test]
fn office_files_in_every_windows_encoding() {
    for text in [STORY, "市医院\r\n", "市医院", "青川\r\n\r\n+投诉\r\n!招聘\r\n", "AI\r\n", "强拆\r\n讨薪"]
    {
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{FEFF}{text}").into_bytes(),
            encoded(text, GB18030),
            utf16(text, false, true),
            utf16(text, true, true),
            utf16(text, false, false),
            utf16(text, true, false),
        ] {
            let decoded = decode_office_file(&bytes);
            assert_eq!((decoded.text.as_str(), decoded.had_errors), (text, false), "{bytes:02X?}");
        }
    }
}

#[test]
fn short_pages_without_any_declaration() {
    for text in ["<p>市医院收费问题</p>", "<title>关于开展安全生产大检查的通知</title>"]
    {
        assert_eq!(decode(&encoded(text, GB18030), None, true).text, text);
        assert_eq!(decode(&utf16(text, false, false), None, true).text, text);
    }
}

proptest! {
    #[test]
    fn any_bytes_become_text(bytes in prop::collection::vec(any::<u8>(), 0..200), charset in prop::option::of("[a-z0-9-]{0,10}")) {
        let _ = decode(&bytes, charset.as_deref(), true);
        let _ = decode_office_file(&bytes);
    }

    #[test]
    fn utf_8_reads_back(text in "[\u{4E00}-\u{9FFF}a-z，。]{1,60}") {
        prop_assert_eq!(decode(text.as_bytes(), None, true).text, text);
    }

    #[test]
    fn declared_gbk_reads_back(text in "[\u{4E00}-\u{9FA5}a-z，。]{1,60}") {
        prop_assert_eq!(decode(&encoded(&text, GB18030), Some("gbk"), true).text, text);
    }
}
