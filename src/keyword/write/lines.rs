//! A list as lines of text.

use super::super::{Group, List, Rule, parse::name_of};

/// The lines of a list, each ending in `\n`.
#[must_use]
pub fn lines(list: &List) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    if !list.filters.is_empty() {
        line("[全局过滤]");
        list.filters.iter().for_each(|rule| line(&written(rule)));
        line("");
        line("[词组]");
    }
    for (number, group) in list.groups.iter().enumerate() {
        if number > 0 {
            line("");
        }
        // A name made of the words comes back by itself.
        if group.name != name_of(group) {
            line(&format!("[{}]", group.name));
        }
        settings(group).iter().for_each(|setting| line(setting));
        let rules = group.any.iter().chain(&group.required).chain(&group.excluded);
        rules.for_each(|rule| line(&written(rule)));
    }
    text
}

/// A rule as a line: as it was written, with the note that a table holds in another column.
fn written(rule: &Rule) -> String {
    match &rule.note {
        Some(note) if !rule.written.contains("=>") && !rule.written.contains("＝＞") => {
            format!("{} => {note}", rule.written)
        }
        _ => rule.written.clone(),
    }
}

fn settings(group: &Group) -> Vec<String> {
    let yes = |on: bool, key: &str| on.then(|| format!("{key}: 是"));
    let notify = (!group.notify.is_empty()).then(|| format!("通知: {}", group.notify.join("、")));
    let all = [
        group.at_least.as_ref().map(|tier| format!("至少: {tier}")),
        notify,
        yes(group.search, "检索"),
        yes(group.homophones, "谐音"),
        group.kind.map(|kind| format!("类别: {}", super::rows::kind_word(kind))),
        group.display_cap.map(|cap| format!("@{cap}")),
    ];
    all.into_iter().flatten().collect()
}
