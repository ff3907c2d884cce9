//! Warnings on words that work but are probably not meant: written twice, too short, too common,
//! contained in another of the same group, or two words on one line.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use super::super::{List, Rule, Warning, Words};

/// Most warnings of each list that are worth reading.
const MOST: usize = 100;

/// Words that stand in posts about any office; alone they bury what matters.
const COMMON: &[&str] = &[
    "中国",
    "全国",
    "政府",
    "医院",
    "学校",
    "大学",
    "中学",
    "小学",
    "幼儿园",
    "公司",
    "企业",
    "单位",
    "领导",
    "老师",
    "教师",
    "学生",
    "家长",
    "医生",
    "护士",
    "患者",
    "病人",
    "警察",
    "公安",
    "派出所",
    "法院",
    "检察院",
    "城管",
    "干部",
    "群众",
    "网友",
    "记者",
    "事故",
    "事件",
    "问题",
    "投诉",
    "举报",
    "曝光",
    "通报",
    "通知",
    "公告",
    "新闻",
    "视频",
    "工作",
    "安全",
    "食品",
    "环境",
    "市场",
    "社区",
    "街道",
    "乡镇",
    "县城",
    "我们",
    "他们",
    "今天",
    "昨天",
];

/// Adds the advice to the list's warnings and drops plain words written twice in one group.
pub(super) fn give(list: &mut List) {
    let mut warnings = Vec::new();
    for group in &mut list.groups {
        drop_repeated(&mut group.any, &mut warnings);
        let limited = !group.required.is_empty();
        for rule in &group.any {
            warnings.extend(of_word(rule, limited));
        }
    }
    warnings.extend(contained(list));
    list.warnings.append(&mut warnings);
    list.warnings.sort_by(Warning::order);
    list.warnings.truncate(MOST);
}

fn warning(rule: &Rule, message: String) -> Warning {
    Warning { line: rule.line, text: rule.written.clone(), message, cell: rule.cell.clone() }
}

fn folded(rule: &Rule) -> Option<&str> {
    match &rule.words {
        Words::Word { folded, .. } => Some(folded),
        Words::Pattern(_) => None,
    }
}

fn drop_repeated(rules: &mut Vec<Rule>, warnings: &mut Vec<Warning>) {
    let mut first: HashMap<String, u32> = HashMap::new();
    rules.retain(|rule| {
        let Some(word) = folded(rule) else { return true };
        let line = *first.entry(word.to_owned()).or_insert(rule.line);
        if line != rule.line {
            warnings.push(warning(rule, format!("与第 {line} 行重复")));
        }
        line == rule.line
    });
}

fn of_word(rule: &Rule, limited: bool) -> Option<Warning> {
    let word = folded(rule)?;
    let length = word.chars().count();
    if word.contains([' ', '\u{3000}']) && (word.contains(" +") || word.contains(" !")) {
        return Some(warning(rule, "一行只写一个词；+词 和 !词 要另起一行".to_owned()));
    }
    if limited {
        return None;
    }
    if length == 1 {
        return Some(warning(rule, "只有一个字，会命中大量无关内容；请写得长一些，或加一行 +词".to_owned()));
    }
    if length == 2 && word.is_ascii() {
        return Some(warning(rule, "只有两个字母或数字，容易误中；请写全称，或加一行 +词".to_owned()));
    }
    if COMMON.contains(&word) {
        return Some(warning(
            rule,
            "太常见，会命中大量无关内容；请加上地名或单位名，或加一行 +词".to_owned(),
        ));
    }
    None
}

/// Words that hold another word of their own group: the shorter one hits wherever they do.
fn contained(list: &List) -> Vec<Warning> {
    let rules: Vec<(usize, &Rule, &str)> = list
        .groups
        .iter()
        .enumerate()
        .flat_map(|(at, group)| group.any.iter().filter_map(move |rule| Some((at, rule, folded(rule)?))))
        .collect();
    let Ok(automaton) = AhoCorasick::new(rules.iter().map(|(_, _, word)| word)) else { return Vec::new() };
    let mut warnings = Vec::new();
    for (group, rule, word) in &rules {
        let shorter = automaton
            .find_overlapping_iter(word)
            .filter_map(|found| rules.get(found.pattern().as_usize()))
            .find(|(other, short, text)| {
                other == group && text.len() < word.len() && anywhere(text) && short.line != rule.line
            });
        if let Some((_, short, _)) = shorter {
            let name = short.display_name();
            warnings.push(warning(rule, format!("已被第 {} 行的“{name}”包含，可以删去", short.line)));
        }
        if warnings.len() >= MOST {
            break;
        }
    }
    warnings
}

/// Latin words hit only at their boundaries, so "ai" is not contained in "openai".
fn anywhere(short: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    !short.starts_with(latin) && !short.ends_with(latin)
}
