//! A list written anew reads back as the same rules, as lines, .csv and .xlsx; no cell is a formula.

use proptest::prelude::*;
use yuqing::keyword::{Group, List, Rule, Words, parse, write};

use super::list;

/// A rule: its word or expression, and its note.
type Said = (String, Option<String>);

/// A group: its name, its words of each kind, its settings.
type Meant = (String, [Vec<Said>; 3], String);

/// What a list asks for, without the places where it stands.
#[derive(Debug, PartialEq)]
struct Meaning {
    filters: Vec<Said>,
    groups: Vec<Meant>,
}

fn said(rules: &[Rule]) -> Vec<Said> {
    let word = |rule: &Rule| match &rule.words {
        Words::Word { folded, .. } => folded.clone(),
        Words::Pattern(_) => {
            let bare = rule.written.trim_start_matches(['+', '!']);
            bare.split("=>").next().unwrap_or_default().trim().to_owned()
        }
    };
    rules.iter().map(|rule| (word(rule), rule.note.clone())).collect()
}

fn meaning(list: &List) -> Meaning {
    let settings = |group: &Group| {
        let Group { at_least, notify, search, homophones, kind, .. } = group;
        format!("{at_least:?} {notify:?} {search} {homophones} {kind:?}")
    };
    let group = |group: &Group| {
        let Group { name, any, required, excluded, .. } = group;
        (name.clone(), [any, required, excluded].map(|rules| said(rules)), settings(group))
    };
    Meaning {
        filters: said(&list.filters).into_iter().map(|(word, _)| (word, None)).collect(),
        groups: list.groups.iter().map(group).collect(),
    }
}

fn again(name: &str, bytes: &[u8]) -> List {
    parse("甲", name, bytes)
        .unwrap_or_else(|faults| panic!("{name}: {faults:?}\n{}", String::from_utf8_lossy(bytes)))
}

const EVERYTHING: &str = "[GLOBAL_FILTER]\n广告\n\n[WORD_GROUPS]\n[收费 => 问题]\n至少: 重大\n通知: 总值班室、张科长\n\
    谐音: 是\n检索: 是\n类别: 诉求\n乱收费 => 收费,问题\n天价药\n+青川\n+县 => 所在\n!招标\n\n市医院\n+投诉\n\n+停电\n+投诉\n\n\
    /第(一|二)人民医院/ => 医院\n=1+1\n@某某局\n-5度\n#青川停水#\n";

#[test]
fn a_list_with_everything_reads_back_from_every_form() {
    let list = list(EVERYTHING);
    let was = meaning(&list);
    let lines = write::lines(&list);
    assert_eq!(meaning(&again("甲.txt", lines.as_bytes())), was, "{lines}");
    let csv = write::csv(&list);
    assert_eq!(meaning(&again("甲.csv", csv.as_bytes())), was, "{csv}");
    let book = write::xlsx(&list).unwrap();
    assert_eq!(meaning(&again("甲.xlsx", &book)), was);
    assert_eq!(book, write::xlsx(&list).unwrap(), "the same list gives the same bytes");
}

#[test]
fn no_cell_is_a_formula() {
    let list = list("=cmd|' /C calc'!A0\n@SUM(1)\n-2+3\n＝1\n\n[-组]\n词\n");
    let csv = write::csv(&list);
    assert!(csv.starts_with("\u{feff}组别,关键词,"), "{csv}");
    for line in csv.lines().skip(1) {
        for cell in line.split(',') {
            let cell = cell.trim_matches('"');
            assert!(!cell.starts_with(['=', '+', '-', '@', '＝']), "{line}");
        }
    }
    assert_eq!(meaning(&again("甲.csv", csv.as_bytes())), meaning(&list), "{csv}");
    let book = write::xlsx(&list).unwrap();
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut parts.by_name(name).unwrap(), &mut text).unwrap();
        text
    };
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>") && sheet.contains("ySplit=\"1\""), "{sheet}");
    assert!(part("xl/styles.xml").contains("quotePrefix=\"1\""));
    assert!(part("xl/workbook.xml").contains("name=\"关键词\""));
}

#[test]
fn a_list_of_another_program_keeps_its_rules() {
    let trend = "[GLOBAL_FILTER]\n震惊\n\n[WORD_GROUPS]\n[东亚]\n韩国\n首尔\n\n华为\n任正非\n!手机壳\n@5\n\n/\\bAI\\b/ => 人工智能\n";
    let list = again("frequency_words.txt", trend.as_bytes());
    assert_eq!(meaning(&again("甲.txt", write::lines(&list).as_bytes())), meaning(&list));
    assert!(write::lines(&list).contains("@5"));
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[医院投诉收费停水食堂]{2,5}",
        "[医院收费]{1,2}[,，、；][医院收费]{1,3}",
        "[=@-][医院收费]{2,3}",
        "/[医院](收|费)+/",
        "[A-Za-z]{2,6}",
    ]
}

fn group() -> impl Strategy<Value = String> {
    let some = |n| proptest::collection::vec(word(), n);
    (proptest::option::of("[组收费安全]{1,4}"), some(0..4), some(0..3), some(0..3), any::<[bool; 4]>())
        .prop_map(|(name, any, required, excluded, [noted, at_least, homophones, search])| {
            let mut lines: Vec<String> = name.into_iter().map(|name| format!("[{name}]")).collect();
            lines.extend(at_least.then(|| "至少: 重大".to_owned()));
            lines.extend(homophones.then(|| "谐音: 是".to_owned()));
            lines.extend(search.then(|| "检索: 是".to_owned()));
            lines.extend(any.iter().map(|word| if noted { format!("{word} => 备注") } else { word.clone() }));
            lines.extend(required.iter().map(|word| format!("+{word}")));
            if any.is_empty() && required.is_empty() {
                lines.push("医院".to_owned());
            }
            lines.extend(excluded.iter().map(|word| format!("!{word}")));
            lines.join("\n")
        })
}

/// Words alone, however they are grouped: rows of one name and the same conditions become one group in a table.
fn words_of(list: &List) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for group in &list.groups {
        let conditions =
            format!("{:?} {:?} {:?}", said(&group.required), said(&group.excluded), group.at_least);
        words.extend(
            group.deciding().iter().map(|rule| {
                format!("{} {:?} {conditions}", said(std::slice::from_ref(rule))[0].0, rule.note)
            }),
        );
    }
    words.sort();
    words
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_list_of_lines_reads_back(groups in proptest::collection::vec(group(), 1..5)) {
        let list = list(&groups.join("\n\n"));
        prop_assert_eq!(meaning(&again("甲.txt", write::lines(&list).as_bytes())), meaning(&list));
    }

    #[test]
    fn any_table_reads_back(groups in proptest::collection::vec(group(), 1..5)) {
        // A word with a comma in it becomes an expression, so the second writing is compared with the first.
        let once = again("甲.csv", write::csv(&list(&groups.join("\n\n"))).as_bytes());
        let csv = write::csv(&once);
        prop_assert_eq!(words_of(&again("甲.csv", csv.as_bytes())), words_of(&once));
        let book = write::xlsx(&once).unwrap();
        prop_assert_eq!(words_of(&again("甲.xlsx", &book)), words_of(&once));
        prop_assert_eq!(once.groups.iter().map(|group| group.any.len()).sum::<usize>(),
            list(&groups.join("\n\n")).groups.iter().map(|group| group.any.len()).sum::<usize>());
    }
}
