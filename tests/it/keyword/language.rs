//! What the lines of a keyword file mean.

use encoding_rs::GB18030;
use yuqing::keyword::{Matcher, parse};

use super::{hits, list, matcher};

#[test]
fn paragraphs_are_groups_and_any_plain_word_hits() {
    let list = list("强拆\n讨薪\n\n市医院\n+投诉\n!招聘\n");
    let shape: Vec<_> = list
        .groups
        .iter()
        .map(|g| (g.name.as_str(), g.line, g.any.len(), g.required.len(), g.excluded.len()))
        .collect();
    assert_eq!(shape, [("强拆、讨薪", 1, 2, 0, 0), ("市医院", 4, 1, 1, 1)]);
}

#[test]
fn required_excluded_and_filtered_words() {
    let words = "[GLOBAL_FILTER]\n广告\n\n[WORD_GROUPS]\n市医院\n+投诉\n!招聘\n\n市医院\n县医院\n";
    assert_eq!(hits(words, "市医院收到投诉"), ["市医院@0-3/5", "市医院@0-3/9"]);
    assert_eq!(hits(words, "市医院很好"), ["市医院@0-3/9"], "the + word is missing in the first group");
    assert_eq!(hits(words, "市医院招聘遭投诉"), ["市医院@0-3/9"], "! is local to its group");
    assert_eq!(hits(words, "市医院投诉广告"), [""; 0], "the global filter suppresses all");
    assert_eq!(hits("+市医院\n+投诉\n", "投诉市医院"), ["投诉@0-2/2", "市医院@2-5/1"]);
    assert_eq!(hits("+市医院\n+投诉\n", "市医院"), [""; 0]);
}

#[test]
fn notes_aliases_and_regular_expressions() {
    let list = list("[县属医院]\n青川县人民医院 => 县医院\n/收费(贵|高)/i => 收费\n/第\\d+医院/\n");
    let group = &list.groups[0];
    assert_eq!(group.name, "县属医院");
    assert_eq!(group.any[0].display_name(), "县医院");
    assert_eq!(group.any[1].display_name(), "收费");
    assert_eq!(group.any[1].written, "/收费(贵|高)/i => 收费");
    let words = "/收费(贵|高)/i => 收费\n/AI\\s*医生/\n";
    assert_eq!(hits(words, "这里收費高，ａｉ 醫生"), ["收費高@2-5/1", "ａｉ 醫生@6-11/2"]);
}

#[test]
fn guards_written_for_other_programs_are_understood() {
    let words = "/(?<![a-zA-Z])ai(?![a-zA-Z])|人工智能/i\n";
    assert_eq!(hits(words, "用AI看病 email 人工智能 ai"), ["AI@1-3/1", "人工智能@12-16/1", "ai@17-19/1"]);
    assert_eq!(hits("/(?<=市)医院(?=收费)/\n", "市医院收费 县医院收费 市医院"), ["医院@1-3/1"]);
}

#[test]
fn directives_need_the_colon_form() {
    let list = list("检索\n通知\n至少: 重大\n通知： 总值班室、张科长，总值班室\n检索：是\n@20\n");
    let group = &list.groups[0];
    assert_eq!(group.any.len(), 2, "a bare word is always a word");
    assert_eq!(group.at_least.as_deref(), Some("重大"));
    assert_eq!(group.notify, ["总值班室", "张科长"]);
    assert!(group.search && !group.homophones);
    assert_eq!(group.display_cap, Some(20));
    let hits = matcher("市医院\n至少: 重大\n通知: 总值班室\n").hits("市医院", "");
    assert_eq!(
        (hits[0].at_least.as_deref(), hits[0].notify.as_slice()),
        (Some("重大"), &["总值班室".to_owned()][..])
    );
}

#[test]
fn homophones_are_asked_for_by_group() {
    let list = list("讨薪\n谐音: 是\n\n强拆\n");
    assert_eq!(list.groups.iter().map(|group| group.homophones).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn topics_are_keywords_and_other_marks_comments() {
    let list = list("# 说明\n#青川县医院#\n###########\n# 结尾 #\n＃也是说明\n");
    let words: Vec<_> = list.groups[0].any.iter().map(|rule| rule.written.as_str()).collect();
    assert_eq!(words, ["#青川县医院#"]);
    assert_eq!(hits("#青川县医院#\n", "看＃青川县医院＃和青川县医院"), ["＃青川县医院＃@1-8/1"]);
}

#[test]
fn full_width_marks_mean_the_same() {
    let wide = "［县属］\n市医院 ＝＞ 备注\n＋投诉\n！招聘\n＃ 说明\n＠２０\n至少：重大\n";
    let half = "[县属]\n市医院 => 备注\n+投诉\n!招聘\n# 说明\n@20\n至少:重大\n";
    let shape = |text: &str| {
        let list = list(text);
        let group = &list.groups[0];
        (
            group.name.clone(),
            group.any[0].note.clone(),
            group.any.len(),
            group.required.len(),
            group.excluded.len(),
            group.display_cap,
            group.at_least.clone(),
        )
    };
    assert_eq!(shape(wide), shape(half));
}

#[test]
fn a_line_of_blanks_is_an_empty_line() {
    for blank in ["", " ", "\t", "　　", "\u{FEFF}", "\u{200B} ", "\u{A0}"] {
        let list = list(&format!("强拆\n{blank}\n讨薪\n"));
        assert_eq!(list.groups.len(), 2, "{blank:?}");
    }
}

#[test]
fn every_windows_encoding_and_line_ending_reads_the_same() {
    let text = "# 名单\r\n市医院\r\n+投诉\r\n\r\n强拆\r\n";
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let text = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let files = [
        text.as_bytes().to_vec(),
        format!("\u{FEFF}{text}").into_bytes(),
        text.replace("\r\n", "\n").into_bytes(),
        text.replace("\r\n", "\r").into_bytes(),
        GB18030.encode(text).0.into_owned(),
        utf16(false, true),
        utf16(true, true),
        utf16(false, false),
        utf16(true, false),
    ];
    for bytes in files {
        let list = parse("甲", "甲.txt", &bytes).unwrap();
        let lines: Vec<_> = list.groups.iter().map(|group| (group.name.as_str(), group.line)).collect();
        assert_eq!(lines, [("市医院", 2), ("强拆", 5)], "{:02X?}", &bytes[..8]);
    }
}

/// A file as TrendRadar's users write them; the words are ours.
#[test]
fn a_trend_radar_file_reads_unchanged() {
    let text = "\
# 注释
[GLOBAL_FILTER]
震惊
标题党

[WORD_GROUPS]

[教育]
/高考|中考/ => 考试
幼儿园
+通报
!招生
@15

ai
!gai

+必须甲
+必须乙


OpenAI
";
    let list = list(text);
    let names: Vec<_> = list.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["教育", "ai", "必须甲+必须乙", "OpenAI"]);
    assert_eq!(list.filters.len(), 2);
    let matcher = Matcher::new(vec![std::sync::Arc::new(list)]);
    let groups = |text: &str| matcher.hits(text, "").into_iter().map(|hit| hit.group).collect::<Vec<_>>();
    assert_eq!(groups("高考舞弊通报"), ["教育"]);
    assert_eq!(groups("震惊！高考舞弊通报"), [""; 0]);
    assert_eq!(groups("幼儿园招生通报"), [""; 0]);
    assert_eq!(groups("用 AI 写作"), ["ai"]);
    assert_eq!(groups("必须乙和必须甲"), ["必须甲+必须乙", "必须甲+必须乙"]);
}

#[test]
fn a_name_alone_goes_with_the_next_paragraph() {
    let list = list("[县属]\n\n市医院\n\n[乡镇]\n青川乡\n[学校]\n实验小学\n");
    let names: Vec<_> = list.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["县属", "乡镇", "学校"]);
}

#[test]
fn search_terms_come_from_marked_groups() {
    let matcher =
        matcher("青川县医院\n/青川.医院/\n+投诉\n检索: 是\n\n+讨薪\n+工地\n检索: 是\n\n不检索的词\n");
    let words: Vec<_> = matcher.search_terms().into_iter().map(|term| term.word).collect();
    assert_eq!(words, ["青川县医院 投诉", "讨薪 工地"]);
}

#[test]
fn rules_are_listed_with_their_lines() {
    let matcher = matcher("市医院\n+投诉\n!招聘\n");
    let rules: Vec<_> = matcher.rules().map(|rule| (rule.unit, rule.group, rule.rule, rule.line)).collect();
    assert_eq!(rules, [("甲", "市医院", "市医院", 1), ("甲", "市医院", "+投诉", 2)]);
}
