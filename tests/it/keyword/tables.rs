//! Lists as .csv and .xlsx: what their rows and cells mean.

use std::sync::Arc;

use encoding_rs::GB18030;
use yuqing::keyword::{List, Matcher, parse};
use yuqing::model::ContentKind;

use super::{
    list, short,
    workbook::{Of, Sheet, book},
};

pub(super) fn table(name: &str, bytes: &[u8]) -> List {
    parse("甲", name, bytes).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn xlsx(rows: &[&[&str]]) -> List {
    table("甲.xlsx", &book(&[Sheet::texts("名单", rows)]))
}

fn csv(text: &str) -> List {
    table("甲.csv", text.as_bytes())
}

/// Groups in a short form: `name: any | +required | !excluded`.
pub(super) fn shape(list: &List) -> Vec<String> {
    list.groups
        .iter()
        .map(|group| {
            let rules = group.any.iter().chain(&group.required).chain(&group.excluded);
            let words: Vec<_> = rules.map(|rule| rule.written.as_str()).collect();
            format!("{}: {}", group.name, words.join(" "))
        })
        .collect()
}

#[test]
fn rows_of_one_group_and_the_same_conditions_are_one_group() {
    let list = xlsx(&[
        &["组别", "关键词", "必须含", "排除", "备注"],
        &["收费", "乱收费", "青川", "招标", "收费问题"],
        &["", "天价药；收费不透明", "青川", "招标", ""],
        &["收费", "药价", "", "", ""],
        &["安全", "医疗事故\n停电", "", "", ""],
    ]);
    assert_eq!(
        shape(&list),
        ["收费: 乱收费 天价药 收费不透明 +青川 !招标", "收费: 药价", "安全: 医疗事故 停电"]
    );
    assert_eq!(list.groups[0].any[0].note.as_deref(), Some("收费问题"));
    assert_eq!(list.groups[0].any[1].note, None);
    let places: Vec<_> = list.groups.iter().flat_map(|g| &g.any).map(|rule| rule.place()).collect();
    assert_eq!(places[0], "工作表“名单”第 2 行 B 列");
    assert_eq!(places[4], "工作表“名单”第 5 行 B 列");
}

#[test]
fn a_row_without_a_word_holds_for_its_whole_group() {
    let list = xlsx(&[
        &["组别", "关键词", "必须含", "排除", "至少", "通知", "检索", "类别"],
        &["事故", "", "青川", "演练、演习", "重大", "总值班室、张科长", "是", "投诉"],
        &["事故", "停电", "", "", "", "", "", ""],
        &["事故", "氧气", "县医院", "", "", "", "", ""],
        &["讨薪", "", "讨薪；工地", "", "", "", "", ""],
    ]);
    assert_eq!(
        shape(&list),
        ["事故: 停电 +青川 !演练 !演习", "事故: 氧气 +县医院 +青川 !演练 !演习", "讨薪: +讨薪 +工地"]
    );
    let group = &list.groups[1];
    assert_eq!(group.at_least.as_deref(), Some("重大"));
    assert_eq!(group.notify, ["总值班室", "张科长"]);
    assert!(group.search);
    assert_eq!(group.kind, Some(ContentKind::Demand));
    assert_eq!(list.groups[2].kind, None);
}

#[test]
fn a_table_and_its_lines_hit_the_same() {
    let text = "[收费]\n乱收费\n天价药\n+青川\n!招标\n\n[全县]\n青川县医院\n/青川.医院/\n";
    let rows: [&[&str]; 4] = [
        &["关键词", "必须含", "组别", "排除"],
        &["乱收费、天价药", "青川", "收费", "招标"],
        &["青川县医院", "", "全县", ""],
        &["/青川.医院/", "", "全县", ""],
    ];
    let hits = |list: List, post: &str| {
        let found = Matcher::new(vec![Arc::new(list)]).hits(post, "");
        found.into_iter().map(|hit| (hit.group, hit.rule, hit.surface)).collect::<Vec<_>>()
    };
    for post in ["青川乱 收费", "乱收费", "青川招标乱收费", "青川县医院天价药", "青川市医院"]
    {
        assert_eq!(hits(xlsx(&rows), post), hits(list(text), post), "{post}");
    }
}

#[test]
fn one_column_holds_the_lines_of_the_text_form() {
    let lines = ["# 名单", "[收费]", "乱收费", "+青川", "", "", "强拆", "至少: 重大"];
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| vec![*line]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let expected = shape(&list(&lines.join("\n")));
    assert_eq!(shape(&xlsx(&rows)), expected);
    assert_eq!(shape(&csv(&lines.join("\r\n"))), expected);
    let one_cell = book(&[Sheet::texts("Sheet1", &[&[&lines.join("\n")]])]);
    assert_eq!(shape(&table("甲.xlsx", &one_cell)), expected, "all lines pasted into one cell");
    let titled = book(&[Sheet::texts("Sheet1", &[&["关键词"], &["乱收费、天价药"], &["强拆"]])]);
    assert_eq!(shape(&table("甲.xlsx", &titled)), ["乱收费、天价药、强拆: 乱收费 天价药 强拆"]);
}

#[test]
fn excel_habits_are_understood() {
    let text = |text: &str| Some(Of::from(text));
    let sheet = Sheet::new("名单")
        .row(1, vec![text("青川县人民医院关键词名单（2026 年）")])
        .row(
            2,
            vec![text(" 组　别 "), text("＊关键词（必填）"), text("必须含："), text("检索"), text("序号")],
        )
        .row(3, vec![text("电话"), Some(Of::Number(120.0)), None, text("√"), Some(Of::Number(1.0))])
        .row(
            4,
            vec![None, Some(Of::Inline("急救 <中心>".to_owned())), None, text("√"), Some(Of::Number(2.0))],
        )
        .row(6, vec![text("收费"), text("乱收费"), text("青川")])
        .row(7, vec![None, Some(Of::Formula("A1&amp;B1", "天价药"))])
        .row(900, vec![None, None, None])
        .merge("A1:E1")
        .merge("A6:A7")
        .merge("C6:C7");
    let list = table("甲.xlsx", &book(&[sheet]));
    assert_eq!(shape(&list), ["电话: 120 急救 <中心>", "收费: 乱收费 天价药 +青川"]);
    assert!(list.groups[0].search && !list.groups[1].search);
    let warnings: Vec<_> = list.warnings.iter().map(|w| format!("{} {}", w.place(), w.message)).collect();
    assert_eq!(warnings, ["工作表“名单”第 1 行 在表头上面，没有当作关键词读"]);
}

#[test]
fn hidden_and_explaining_sheets_are_told_and_left_out() {
    let sheets = [
        Sheet::texts("填写说明", &[&["一行写一条"], &["别改表头"]]),
        Sheet::texts("关键词", &[&["组别", "关键词"], &["收费", "乱收费"]]),
        Sheet::texts("等级", &[&["重大"], &["特别重大"]]).state("hidden"),
        Sheet::texts("第二批", &[&["关键词", "备注"], &["强拆", ""]]),
        Sheet::new("空表"),
    ];
    let list = table("甲.xlsx", &book(&sheets));
    assert_eq!(shape(&list), ["收费: 乱收费", "第二批: 强拆"]);
    let warnings: Vec<_> = list.warnings.iter().map(|w| format!("{} {}", w.place(), w.message)).collect();
    assert_eq!(
        warnings,
        [
            "工作表“填写说明” 这个工作表是说明，没有表头，没有当作关键词读",
            "工作表“等级” 这个工作表是隐藏的，没有读；要用它，取消隐藏后保存"
        ]
    );
}

#[test]
fn a_csv_of_any_windows_encoding_reads_the_same() {
    let text = "组别,关键词,必须含\r\n收费,\"乱收费，天价药\",青川\r\n\r\n安全,\"医疗\n\"\"事故\"\"\",\r\n";
    let utf16: Vec<u8> =
        format!("\u{FEFF}{}", text.replace(',', "\t")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files = [
        text.as_bytes().to_vec(),
        format!("\u{FEFF}{text}").into_bytes(),
        format!("sep=;\r\n{}", text.replace(',', ";")).into_bytes(),
        text.replace(',', ";").into_bytes(),
        GB18030.encode(text).0.into_owned(),
        utf16,
    ];
    for bytes in files {
        let list = table("甲.csv", &bytes);
        assert_eq!(
            shape(&list),
            ["收费: 乱收费 天价药 +青川", "安全: 医疗 \"事故\""],
            "{:02X?}",
            &bytes[..9]
        );
        let named = u32::from(bytes.starts_with(b"sep="));
        assert_eq!(
            list.groups[1].any[1].line - named,
            4,
            "an empty line is a row, a cell of two lines is one"
        );
    }
}

#[test]
fn filters_and_marks_of_the_text_form_work_in_tables_too() {
    let list = csv(
        "组别,关键词,排除\n全局过滤,二手转让,\n[收费],+青川；乱收费 => 收费，药价；!招标,\n,\"/收费[a,b]{1,2}/i、强拆\",!演练\n",
    );
    assert_eq!(list.filters.len(), 1);
    assert_eq!(
        shape(&list),
        ["收费: 乱收费 => 收费，药价 +青川 !招标", "收费: /收费[a,b]{1,2}/i 强拆 !演练"]
    );
    assert_eq!(list.groups[0].any[0].display_name(), "收费，药价");
}

#[test]
fn hits_and_reasons_name_the_cell() {
    let bytes = book(&[Sheet::texts("名单", &[&["关键词", "必须含"], &["市医院", "投诉"]])]);
    let matcher = Matcher::new(vec![Arc::new(table("甲.xlsx", &bytes))]);
    assert_eq!(short(&matcher.hits("投诉市医院", "")), ["市医院@2-5/2"]);
    let reasons: Vec<_> = matcher.why_not("市医院").into_iter().map(|why| why.reason).collect();
    assert_eq!(reasons, ["工作表“名单”第 2 行 B 列 +投诉 未出现"]);
}

#[test]
fn a_kind_goes_by_every_name_that_offices_use() {
    use yuqing::model::NoContentKind;
    let names = [
        (Ok(ContentKind::Inquiry), "咨询 咨询类 询问 inquiry"),
        (Ok(ContentKind::Demand), "诉求 诉求类 求助 投诉 投诉类 批评 批评类 举报 反映 Demand"),
        (Ok(ContentKind::Suggestion), "建议 建议类 意见 意见建议 suggestion"),
        (
            Err(NoContentKind::OnlyByPerson),
            "造谣 谣言 虚假 虚假信息 不实 捏造 恶意 恶意炒作 攻击 诽谤 敌对 fabrication hostile",
        ),
        (Err(NoContentKind::Unknown), "表扬 负面 咨询诉求"),
    ];
    for (kind, names) in names {
        for name in names.split(' ') {
            assert_eq!(ContentKind::named(name), kind, "{name}");
        }
    }
}
