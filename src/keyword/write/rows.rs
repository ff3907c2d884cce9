//! A list as rows of a table with a header, as the reader of tables takes them: one row a word, each with all that its
//! group asks for.

use std::collections::HashMap;

use super::super::{Group, List, Rule, Words};
use crate::{
    locale::{Locale, words},
    model::{ContentKind, Kind},
};

/// Titles of the columns.
pub(super) const HEADER: [&str; 10] =
    ["组别", "关键词", "必须含", "排除", "备注", "至少", "通知", "检索", "谐音", "类别"];

/// The name of a group under which global filters stand.
const FILTER: &str = "全局过滤";

/// One row; its cells stand in the order of [`HEADER`].
pub(super) type Cells = [String; 10];

/// The rows of a list.
pub(super) fn rows(list: &List) -> Vec<Cells> {
    let mut rows: Vec<Cells> = list.filters.iter().map(|rule| row(FILTER, Some(rule))).collect();
    let mut shared: HashMap<&str, usize> = HashMap::new();
    for group in &list.groups {
        *shared.entry(&group.name).or_default() += 1;
    }
    for (number, group) in (1_usize..).zip(&list.groups) {
        // A row without a word holds for all rows of its name, so such a group needs a name of its own.
        let alone = shared.get(group.name.as_str()).is_none_or(|groups| *groups == 1);
        let name = match group.any.is_empty() && !alone {
            true => format!("{} {number}", group.name),
            false => group.name.clone(),
        };
        let words = group.any.iter().map(Some).chain(group.any.is_empty().then_some(None));
        rows.extend(words.map(|word| of_group(row(&name, word), group)));
    }
    rows
}

fn row(name: &str, word: Option<&Rule>) -> Cells {
    let mut cells = Cells::default();
    let [group, keyword, _, _, note, ..] = &mut cells;
    name.clone_into(group);
    if let Some(word) = word {
        *keyword = bare(word, "");
        *note = word.note.clone().unwrap_or_default();
    }
    cells
}

fn of_group(mut cells: Cells, group: &Group) -> Cells {
    let [_, _, required, excluded, _, at_least, notify, search, homophones, kind] = &mut cells;
    let all = |rules: &[Rule], mark: &str| {
        let each: Vec<String> = rules.iter().map(|rule| noted(bare(rule, mark), rule)).collect();
        each.join("\n")
    };
    *required = all(&group.required, "+＋");
    *excluded = all(&group.excluded, "!！");
    *at_least = group.at_least.clone().unwrap_or_default();
    *notify = group.notify.join("、");
    let yes = |on: bool| if on { "是".to_owned() } else { String::new() };
    (*search, *homophones) = (yes(group.search), yes(group.homophones));
    *kind = group.kind.map(kind_word).unwrap_or_default().to_owned();
    cells
}

fn noted(word: String, rule: &Rule) -> String {
    match &rule.note {
        Some(note) => format!("{word}=>{}", note.replace([';', '；'], "，")),
        None => word,
    }
}

/// A rule without its mark and its note. A word that holds what divides the words of a cell is written as an
/// expression, which nothing divides.
fn bare(rule: &Rule, mark: &str) -> String {
    match &rule.words {
        Words::Word { word, .. } if word.contains(['、', '，', ',', '；', ';', '\t']) => {
            format!("/{}/", regex_syntax::escape(word).replace('/', "\\/"))
        }
        Words::Word { word, .. } => word.clone(),
        Words::Pattern(_) => {
            let line = rule.written.trim_start_matches(|c| mark.contains(c)).trim();
            let end = line.rfind("=>").or_else(|| line.rfind("＝＞")).filter(|_| rule.note.is_some());
            end.and_then(|end| line.get(..end)).unwrap_or(line).trim().to_owned()
        }
    }
}

/// The word of a kind that a rule may propose.
pub(super) fn kind_word(kind: ContentKind) -> &'static str {
    words::kind(Kind::from(kind), Locale::ZhCn)
}
