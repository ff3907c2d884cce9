//! What is different from TrendRadar, told when one of its files is read: such a file is taken as it is,
//! but three of its marks mean less here and one word means more.

use super::super::{List, Rule, Warning, Words};

/// Adds the notes that concern this list.
pub(super) fn note(list: &mut List) {
    let mut notes = Vec::new();
    let excluded: Vec<&Rule> = list.groups.iter().flat_map(|group| &group.excluded).collect();
    if let Some(first) = excluded.first() {
        let n = excluded.len();
        notes.push(format!(
            "{}等 {n} 个 ! 词只管自己这一组（TrendRadar 里管全部词组）；要管全部，写进 [GLOBAL_FILTER]",
            first.written
        ));
    }
    if list.groups.iter().any(|group| group.display_cap.is_some()) {
        notes.push("@数字 只限显示的条数，不丢弃任何命中".to_owned());
    }
    let latin = list.groups.iter().flat_map(|group| &group.any).find(|rule| is_latin(rule));
    if let Some(rule) = latin {
        notes.push(format!("字母和数字的词（如 {}）只认整词，不认更长的词的一部分", rule.display_name()));
    }
    notes.push("没有词的名单不会被当作“全部命中”，而是不采用".to_owned());
    let message = format!("按 TrendRadar 的名单读入，与它不同的是: {}", notes.join("；"));
    list.warnings.push(Warning { line: 0, text: String::new(), message, cell: None });
}

fn is_latin(rule: &Rule) -> bool {
    matches!(&rule.words, Words::Word { folded, .. } if folded.is_ascii())
}
