//! Lines that read like something else than what they are: a setting by a name that there is not, which is a
//! word then (SEMANTICS 28) and takes the tier or the contact that was meant with it; full-width marks in a
//! regular expression, which stand for themselves there.

use super::super::{Rule, Words};

/// Names that people give to settings, and what to write.
const SETTINGS: [(&[&str], &str); 8] = [
    (&["等级", "级别", "最低", "最低等级", "最低级别", "定级"], "要设最低等级，写成 至少: 重大"),
    (&["联系人", "通知人", "通知给", "提醒", "告知", "抄送"], "要通知某人，写成 通知: 总值班室"),
    (&["分类", "类型", "种类", "性质"], "要设类别，写成 类别: 诉求"),
    (&["搜索", "查询", "搜"], "要用来搜索，写成 检索: 是"),
    (&["同音", "拼音", "音近", "同音字", "谐音字"], "要按读音找，写成 谐音: 是"),
    (&["组", "组名", "组别", "词组", "分组", "名称"], "组名写在方括号里，如 [医院]"),
    (&["必须", "必须含", "包含", "同时", "并且"], "必须同时出现的词另起一行，写成 +投诉"),
    (&["排除", "不含", "除外", "例外", "屏蔽"], "出现就不算的词另起一行，写成 !招聘"),
];

/// What is probably not meant by a line, and what to write.
pub(super) fn warning(rule: &Rule) -> Option<String> {
    match &rule.words {
        Words::Word { folded, .. } => setting(folded).or_else(|| half_a_name(&rule.written)),
        Words::Pattern(_) => full_width(&rule.written),
    }
}

fn setting(word: &str) -> Option<String> {
    let key = word.split_once(':')?.0.trim_end();
    let (_, mend) = SETTINGS.iter().find(|(names, _)| names.contains(&key))?;
    Some(format!("没有“{key}”这项设置，整行算一个要找的词；{mend}"))
}

/// A group's name of which one bracket was forgotten.
fn half_a_name(written: &str) -> Option<String> {
    let written = written.trim();
    let (opens, closes) = (written.starts_with(['[', '［']), written.ends_with([']', '］']));
    let has = |marks: [char; 2]| written.contains(marks);
    let is_half = (opens && !has([']', '］'])) || (closes && !has(['[', '［']));
    let words = "像是组名，但少了一边方括号，整行算一个要找的词；组名两边都写，如 [医院]";
    is_half.then(|| words.to_owned())
}

fn full_width(written: &str) -> Option<String> {
    // What stands behind the closing slash is a note.
    let rule = written.split("=>").next().unwrap_or(written);
    let body = rule.rsplit_once(['/', '／']).map_or(rule, |(body, _)| body);
    let marks: String = body.chars().filter(|c| matches!(c, '（' | '）' | '｜')).collect();
    let message = || format!("正则里的全角 {marks} 只当作普通的字；要分组或任选，改成半角 ( ) |");
    (!marks.is_empty()).then(message)
}
