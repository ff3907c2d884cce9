//! What a broken or doubtful table says: file, sheet, row, column, what stands there and the mend.

use std::fmt::Write as _;

use proptest::prelude::*;
use yuqing::keyword::parse;

use super::{
    tables::{shape, table},
    workbook::{Of, Sheet, book, parcel, raw},
};

fn faults(name: &str, bytes: &[u8]) -> String {
    let mut out = String::new();
    for fault in parse("甲", name, bytes).unwrap_err() {
        writeln!(out, "{} | {} | {} | {}", fault.place(), fault.text, fault.message, fault.hint).unwrap();
    }
    out
}

fn warnings(name: &str, bytes: &[u8]) -> String {
    let mut out = String::new();
    for warning in table(name, bytes).warnings {
        writeln!(out, "{} | {} | {}", warning.place(), warning.text, warning.message).unwrap();
    }
    out
}

fn some(of: impl Into<Of>) -> Option<Of> {
    Some(of.into())
}

#[test]
fn every_faulty_cell_is_named() {
    let sheet = Sheet::texts(
        "名单",
        &[
            &["组别", "关键词", "必须含", "排除", "至少", "检索", "类别"],
            &["收费", "乱收费、-----", "+", "+招标", "", "好", "造谣"],
            &["收费", "/收费(/", "", "", "", "", "表扬"],
            &["", "[安全]", "", "", "", "", ""],
            &["空组", "", "", "招聘", "", "", ""],
        ],
    );
    let other = Sheet::new("第二批")
        .row(1, vec![some("关键词"), some("备注")])
        .row(2, vec![Some(Of::Date(46_000.0)), Some(Of::Date(46_000.0))])
        .row(3, vec![Some(Of::Error("#NAME?")), None])
        .row(4, vec![Some(Of::Number(1.38e15)), None])
        .row(5, vec![None, some("只有备注")]);
    insta::assert_snapshot!(faults("甲.xlsx", &book(&[sheet, other])), @r"
    工作表“名单”第 2 行 B 列 | ----- | 这一行只有标点，没有可以匹配的文字 | 分隔线和说明请以 # 开头
    工作表“名单”第 2 行 C 列 | + | + 后面没有词 | 写上必须同时出现的词，如 +投诉
    工作表“名单”第 2 行 D 列 | +招标 | 这一列的词前面不写 + 或 ! | 必须同时出现的写在“必须含”一列，出现就不算的写在“排除”一列
    工作表“名单”第 2 行 F 列 | 好 | “检索”只能是“是”或“否” | 写成 是
    工作表“名单”第 2 行 G 列 | 造谣 | “造谣”不能由关键词认定，只能由具名的人员在事件里认定，并写明理由 | 写成 咨询、诉求 或 建议；批评、投诉算诉求
    工作表“名单”第 3 行 B 列 | /收费(/ | 正则第 3 个字“(”没有配上右括号 | 补上 )；要找括号本身写成 \(
    工作表“名单”第 3 行 G 列 | 表扬 | “类别”只能是咨询、诉求或建议 | 写成 咨询、诉求 或 建议；批评、投诉算诉求
    工作表“名单”第 4 行 B 列 | [安全] | 组名不写在这一列 | 把组名写在“组别”一列；全局过滤的词，组别写“全局过滤”
    工作表“名单”第 5 行 | 空组 | 招聘 | 组“空组”里没有关键词 | 在“关键词”一列写上要找的词，或删去这一组
    工作表“第二批”第 2 行 A 列 | 2025-12-09 | 这一格被 Excel 当成了日期或时间 | 把这一格的格式改成“文本”，再重新输入
    工作表“第二批”第 3 行 A 列 | #NAME? | 这一格是公式的错误值 | Excel 把 = + - @ 开头的内容当作公式；先打一个英文单引号，如 '+投诉，或把这一格的格式改成“文本”
    工作表“第二批”第 4 行 A 列 | 1380000000000000 | 这个数字太长，Excel 已丢了末几位 | 把这一格的格式改成“文本”，再重新输入
    ");
}

#[test]
fn doubtful_cells_are_warned_of() {
    let sheet = Sheet::new("名单")
        .row(1, vec![some("组别"), some("关键词"), some("通知"), some("热度")])
        .row(2, vec![some("安全"), some("停电停水"), some("总值班室"), some("9")])
        .row(3, vec![some("安全"), some("#1号楼"), None, None])
        .row(4, vec![some("安全"), Some(Of::Number(0.5)), None, None])
        .row(5, vec![some("安全"), some("乱收费 天价药；停电停水；停电停水"), some("总值班室"), None]);
    insta::assert_snapshot!(warnings("甲.xlsx", &book(&[sheet])), @r"
    工作表“名单”第 1 行 D 列 | 热度 | 不认识这个表头，这一列没有读
    工作表“名单”第 3 行 B 列 | #1号楼 | 以 # 开头的是说明，不当作词；话题写成 #话题#
    工作表“名单”第 4 行 | 安全 | 0.5 | 组“安全”的第 2 行写了“通知”，这一行没写，对这一行不起作用；要管全组，另起一行，只写组别和“通知”
    工作表“名单”第 4 行 B 列 | 0.5 | 这一格是数字，按“0.5”找；要找的若是百分数或别的写法，把格式改成“文本”再输入
    工作表“名单”第 5 行 B 列 | 停电停水 | 与工作表“名单”第 2 行 B 列重复
    工作表“名单”第 5 行 B 列 | 停电停水 | 与工作表“名单”第 2 行 B 列重复
    工作表“名单”第 5 行 B 列 | 乱收费 天价药 | 词中间有空格，整个算一个词；是几个词的话，请分开写
    ");
}

#[test]
fn a_table_that_does_not_say_what_its_columns_are_is_refused() {
    insta::assert_snapshot!(faults("甲.csv", "收费,乱收费\n安全,停电\n".as_bytes()), @"第 1 行 | 收费 | 乱收费 | 没有表头，不知道各列是什么 | 第一行写表头，如 组别、关键词、必须含、排除；只写关键词时只用一列，一行一个词");
    insta::assert_snapshot!(faults("甲.csv", "组别,必须含\n收费,乱收费\n".as_bytes()), @"第 1 行 | 组别 | 必须含 | 表头里没有“关键词”这一列 | 把写关键词的那一列的表头改成“关键词”");
    insta::assert_snapshot!(faults("甲.csv", "组别，关键词\n收费，乱收费\n".as_bytes()), @"第 1 行 | 组别，关键词 | 各列之间用的是中文逗号 | 改成英文逗号；或用 Excel 打开重新排好各列，另存为 .xlsx");
    insta::assert_snapshot!(faults("甲.csv", "关键词,备注\n".as_bytes()), @" |  | 名单里一个关键词也没有；空名单不会被当作“全部命中” | 至少写一行要找的词，如单位的名称");
    let mixed = [
        Sheet::texts("名单", &[&["组别", "关键词"], &["收费", "乱收费"]]),
        Sheet::texts("杂记", &[&["周三开会"]]),
    ];
    insta::assert_snapshot!(faults("甲.xlsx", &book(&mixed)), @"工作表“杂记”第 1 行 | 周三开会 | 这个工作表没有表头，而别的工作表有，不知道它是不是关键词 | 第一行写表头（至少要有“关键词”）；不是关键词的，把工作表改名为“说明”，或隐藏、删去");
}

#[test]
fn a_csv_with_an_open_quote_is_refused_where_it_begins() {
    let text = "关键词,备注\n\n停电停水,\n\"乱收费,\n天价药,\n";
    insta::assert_snapshot!(faults("甲.csv", text.as_bytes()), @r#"第 4 行 | "乱收费, 天价药,  | 英文双引号没有成对，从这里起的内容会连成一格 | 删去多余的双引号，或用 Excel 另存一次；双引号在 csv 里要成对，内容里的要写两个"#);
    insta::assert_snapshot!(faults("甲.csv", "关键词,备注\n1.38E+11,电话\n#NAME?,\n".as_bytes()), @r"
    第 2 行 A 列 | 1.38E+11 | 这个数字太长，Excel 已丢了末几位 | 把这一格的格式改成“文本”，再重新输入
    第 3 行 A 列 | #NAME? | 这一格是公式的错误值 | Excel 把 = + - @ 开头的内容当作公式；先打一个英文单引号，如 '+投诉，或把这一格的格式改成“文本”
    ");
    assert_eq!(
        shape(&table("甲.csv", "关键词,备注\n=\"0120\",\n'+青川,\n停电停水,\n".as_bytes()))[0],
        "0120、停电停水: 0120 停电停水"
    );
}

#[test]
fn other_files_are_told_from_workbooks() {
    let old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more";
    let mut locked = old.to_vec();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let good = book(&[Sheet::texts("名单", &[&["强拆"]])]);
    insta::assert_snapshot!(faults("甲.xlsx", old), @" |  | 这是旧的 .xls（或 .et）格式，读不了 | 用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”");
    insta::assert_snapshot!(faults("甲.xls", old), @" |  | 这是旧的 .xls（或 .et）格式，读不了 | 用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”");
    insta::assert_snapshot!(faults("甲.xlsx", &locked), @" |  | 这个工作簿加了密码，读不了 | 用 Excel 或 WPS 打开，取消密码后保存");
    insta::assert_snapshot!(faults("甲.xlsx", "强拆\n".as_bytes()), @" |  | 这不是 Excel 工作簿：文件可能没有存完、被加密软件加了密，或只是改了扩展名 | 用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”");
    insta::assert_snapshot!(faults("甲.xlsx", &good[..good.len() / 2]), @" |  | 工作簿不完整：可能还没有存完、没有拷完，或已损坏 | 等存好以后再看；仍不行时，用 Excel 或 WPS 打开，另存一次");
    insta::assert_snapshot!(faults("甲.xlsx", &parcel(&[("word/document.xml", b"<x/>")])), @" |  | 这个压缩文件不是 Excel 工作簿（.xlsx） | 用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”");
    insta::assert_snapshot!(faults("甲.xlsx", &book(&[Sheet::new("Sheet1")])), @" |  | 名单里一个关键词也没有；空名单不会被当作“全部命中” | 至少写一行要找的词，如单位的名称");
    assert_eq!(shape(&table("甲.txt", &good)), ["强拆: 强拆"], "a wrong ending does not matter");
    assert_eq!(shape(&table("甲.csv", &good)), ["强拆: 强拆"]);
}

#[test]
fn a_workbook_that_unpacks_to_a_flood_is_refused() {
    let good = ("xl/workbook.xml", &b"<workbook/>"[..]);
    let flood = vec![b' '; 65 << 20];
    let bytes = parcel(&[good, ("xl/sharedStrings.xml", &flood)]);
    assert!(bytes.len() < 1 << 20, "a small file");
    insta::assert_snapshot!(faults("甲.xlsx", &bytes), @" |  | 工作簿展开后太大，不像关键词名单 | 用 Excel 或 WPS 打开检查，把关键词复制到新的工作簿，另存为 .xlsx");
    let claim = b"<sst uniqueCount = '99999999999999'><si><t>a</t></si></sst>";
    insta::assert_snapshot!(faults("甲.xlsx", &parcel(&[good, ("xl/SharedStrings.xml", claim)])), @" |  | 工作簿不完整：可能还没有存完、没有拷完，或已损坏 | 等存好以后再看；仍不行时，用 Excel 或 WPS 打开，另存一次");
    let files: Vec<String> = (0..2_001).map(|n| format!("x/{n}")).collect();
    let mut many: Vec<(&str, &[u8])> = files.iter().map(|name| (name.as_str(), &b""[..])).collect();
    many.push(good);
    insta::assert_snapshot!(faults("甲.xlsx", &parcel(&many)), @" |  | 工作簿里的东西太多，不像关键词名单 | 用 Excel 或 WPS 打开检查，把关键词复制到新的工作簿，另存为 .xlsx");
}

#[test]
fn one_long_text_in_every_cell_is_refused() {
    let cells: String = (2..3_000)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    let sheet = format!("<sheetData>{cells}</sheetData>");
    let texts = format!("<si><t>{}</t></si>", "长".repeat(30_000));
    insta::assert_snapshot!(faults("甲.xlsx", &raw(&sheet, &texts)), @" |  | 表格里的内容太多，不像关键词名单 | 请分成几个文件，删去与关键词无关的内容");
    let sheet = "<sheetData><row r=\"7\"><c r=\"C7\" t=\"s\"><v>0</v></c></row></sheetData>";
    let texts = format!("<si><t>{}</t></si>", "长".repeat(40_000));
    insta::assert_snapshot!(
        faults("甲.xlsx", &raw(sheet, &texts)).replace(&"长".repeat(120), "长…"),
        @"工作表“a”第 7 行 C 列 | 长… | 这一格的字太多 | 每格写几个词，其余的另起一行"
    );
}

#[test]
fn merged_areas_of_any_size_cost_nothing() {
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"s\"><v>2</v></c><c r=\"B2\" t=\"s\"><v>3</v></c></row>\
        <row r=\"1048576\"><c r=\"B1048576\" t=\"s\"><v>4</v></c></row></sheetData>\
        <mergeCells><mergeCell ref=\"A2:A1048576\"/><mergeCell ref=\"C1:XFD1048576\"/></mergeCells>";
    let texts = "<si><t>组别</t></si><si><t>关键词</t></si><si><t>收费</t></si><si><t>乱收费</t></si><si><t>强拆</t></si>";
    let list = table("甲.xlsx", &raw(sheet, texts));
    assert_eq!(shape(&list), ["收费: 乱收费 强拆"]);
    assert_eq!(list.groups[0].any[1].line, 1_048_576);
}

#[test]
fn kinds_are_proposed_and_never_pronounced() {
    insta::assert_snapshot!(faults("甲.txt", "市医院\n类别: 恶意\n类型：新闻\n类别:\n".as_bytes()), @r"
    第 2 行 | 类别: 恶意 | “恶意”不能由关键词认定，只能由具名的人员在事件里认定，并写明理由 | 写成 类别: 咨询、类别: 诉求 或 类别: 建议；批评、投诉算诉求
    第 3 行 | 类型：新闻 | “类型”只能是咨询、诉求或建议 | 写成 类型: 咨询、类型: 诉求 或 类型: 建议；批评、投诉算诉求
    第 4 行 | 类别: | “类别”只能是咨询、诉求或建议 | 写成 类别: 咨询、类别: 诉求 或 类别: 建议；批评、投诉算诉求
    ");
    let list = table("甲.txt", "市医院\n类别：批评\n\n县医院\n类型: 咨询\n\n省医院\n类别: 建议\n".as_bytes());
    let kinds: Vec<_> = list.groups.iter().map(|group| group.kind.unwrap().id()).collect();
    assert_eq!(kinds, ["demand", "inquiry", "suggestion"]);
}

#[test]
fn conditions_that_keep_nothing_away_are_told() {
    let text =
        "[全部]\n青川县医院\n\n[收费]\n青川县医院收费\n+投诉\n\n[事故]\n青川县医院\n+停电\n通知: 总值班室\n";
    insta::assert_snapshot!(warnings("甲.txt", text.as_bytes()), @"第 5 行 | 青川县医院收费 | 第 2 行的“青川县医院”没有条件，本词出现时它总会命中，所以组“收费”的 + 和 ! 不会减少提醒");
}

#[test]
fn what_differs_from_trend_radar_is_told_at_import() {
    let text = "[GLOBAL_FILTER]\n震惊\n\n[WORD_GROUPS]\n华为公司\n!汽车\n!水果\n@20\n\nOpenAI\n";
    insta::assert_snapshot!(warnings("甲.txt", text.as_bytes()), @" |  | 按 TrendRadar 的名单读入，与它不同的是: !汽车等 2 个 ! 词只管自己这一组（TrendRadar 里管全部词组）；要管全部，写进 [GLOBAL_FILTER]；@数字 只限显示的条数，不丢弃任何命中；字母和数字的词（如 OpenAI）只认整词，不认更长的词的一部分；没有词的名单不会被当作“全部命中”，而是不采用");
    insta::assert_snapshot!(warnings("frequency_words.txt", "强拆\n".as_bytes()), @" |  | 按 TrendRadar 的名单读入，与它不同的是: 没有词的名单不会被当作“全部命中”，而是不采用");
    insta::assert_snapshot!(warnings("甲.txt", "[全局过滤]\n广告\n[词组]\n强拆\n!演练\n".as_bytes()), @"");
}

/// Pieces of a sheet's XML, right and wrong ones.
const PARTS: &[&str] = &[
    "<row r=\"1\">",
    "<row r=\"4294967295\">",
    "<row r=\"-1\">",
    "<row>",
    "</row>",
    "<c r=\"A1\" t=\"s\"><v>0</v></c>",
    "<c r=\"B2\" t=\"s\"><v>1</v></c>",
    "<c t=\"s\"><v>99999999999</v></c>",
    "<c r=\"XFE1\"><v>1</v></c>",
    "<c r=\"ZZZZZZZZ9\"><v>1</v></c>",
    "<c r=\"A99999999999\"><v>1</v></c>",
    "<c r=\"A0\"><v>1</v></c>",
    "<c r=\"1\"><v>1</v></c>",
    "<c s=\"1\"><v>1e300</v></c>",
    "<c s=\"1\"><v>-46000.5</v></c>",
    "<c s=\"9\"><v>60</v></c>",
    "<c t=\"d\"><v>2026-11-21</v></c>",
    "<c t=\"b\"><v>1</v></c>",
    "<c t=\"e\"><v>#N/A</v></c>",
    "<c t=\"x\"><v>1</v></c>",
    "<c t=\"inlineStr\"><is><t>强拆</t></is></c>",
    "<c t=\"str\"><f>A1</f><v>停电</v></c>",
    "<c><f t=\"shared\" si=\"0\" ref=\"A1:B9\">A1</f></c>",
    "<c/>",
    "<c",
    "</sheetData>",
    "<mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>",
    "<mergeCells><mergeCell ref=\"B9:A1\"/><mergeCell ref=\"\"/></mergeCells>",
    "<mergeCells><mergeCell ref=\"A1:XFD9999999999\"/></mergeCells>",
    "&lt;&#0;&nbsp;",
    "<!-- -->",
    "<![CDATA[",
];

proptest! {
    #[test]
    fn any_csv_gives_a_list_or_faults(text in "([组别关键词,，;\t\"'+!#/=>、0-9a-c\\[\\] \r\n]{0,12}\n){0,8}") {
        for head in ["", "组别,关键词,必须含,排除,备注,至少,通知,检索,谐音,类别\n", "关键词\n"] {
            match parse("甲", "甲.csv", format!("{head}{text}").as_bytes()) {
                Ok(list) => prop_assert!(!list.groups.is_empty() && list.groups.iter().all(|group| group.line > 0)),
                Err(faults) => prop_assert!(faults.iter().all(|fault| !fault.message.is_empty() && !fault.hint.is_empty())),
            }
        }
    }

    #[test]
    fn any_rows_give_a_list_or_faults(rows in prop::collection::vec(prop::collection::vec("[收费、；+!#/a1 \n]{0,5}", 0..6), 0..8)) {
        let mut all = vec![["组别", "关键词", "必须含", "排除", "备注", "检索"].map(str::to_owned).to_vec()];
        all.extend(rows);
        let all: Vec<Vec<&str>> = all.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let all: Vec<&[&str]> = all.iter().map(Vec::as_slice).collect();
        match parse("甲", "甲.xlsx", &book(&[Sheet::texts("名单", &all)])) {
            Ok(list) => prop_assert!(list.groups.iter().all(|group| !group.any.is_empty() || !group.required.is_empty())),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }

    #[test]
    fn any_sheet_gives_a_list_or_faults(parts in prop::collection::vec(prop::sample::select(PARTS), 0..24)) {
        let sheet = parts.concat();
        for sheet in [format!("<sheetData>{sheet}</sheetData>"), sheet] {
            if let Err(faults) = parse("甲", "甲.xlsx", &raw(&sheet, "<si><t>关键词</t></si><si><r><t>市医</t></r><r><t>院</t></r></si>")) {
                prop_assert!(!faults.is_empty());
            }
        }
    }

    #[test]
    fn a_damaged_workbook_gives_a_list_or_faults(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = book(&[Sheet::texts("名单", &[&["组别", "关键词"], &["收费", "乱收费"]])]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Err(faults) = parse("甲", "甲.xlsx", &bytes) {
            prop_assert!(!faults.is_empty());
        }
    }
}
