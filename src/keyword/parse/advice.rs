//! Warnings on words that work but are probably not meant: written twice, too short, too common,
//! contained in another of the same group, or two words on one line.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use foldhash::fast::RandomState;

use super::super::{Group, List, Rule, Warning, Words};
use super::mistaken;

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
        let rules = group.any.iter().chain(&group.required).chain(&group.excluded);
        warnings.extend(rules.filter_map(|rule| Some(warning(rule, mistaken::warning(rule)?))));
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
    let mut first: HashMap<String, String> = HashMap::new();
    rules.retain(|rule| {
        let Some(word) = folded(rule) else { return true };
        match first.entry(word.to_owned()) {
            Entry::Vacant(place) => {
                place.insert(rule.place());
                true
            }
            Entry::Occupied(place) => {
                warnings.push(warning(rule, format!("与{}重复", place.get())));
                false
            }
        }
    });
}

fn of_word(rule: &Rule, limited: bool) -> Option<Warning> {
    let word = folded(rule)?;
    let length = word.chars().count();
    if word.contains([' ', '\u{3000}']) && (word.contains(" +") || word.contains(" !")) {
        return Some(warning(rule, "一行只写一个词；+词 和 !词 要另起一行".to_owned()));
    }
    if word.contains(['、', '，', ',', '；', ';']) {
        let message = "整行算一个词；是几个词的话，请一行一个（表格里用、隔开）";
        return Some(warning(rule, message.to_owned()));
    }
    if han_blank_han(word) {
        let message = "词中间有空格，整个算一个词；是几个词的话，请分开写";
        return Some(warning(rule, message.to_owned()));
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

/// A blank between two Han characters: `乱收费 天价药`.
fn han_blank_han(word: &str) -> bool {
    let mut chars = word.chars().peekable();
    let han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let mut last_han = false;
    while let Some(c) = chars.next() {
        if c == ' ' && last_han && chars.peek().is_some_and(|next| han(*next)) {
            return true;
        }
        last_han = han(c);
    }
    false
}

/// Words that hold another: of their own group, where the shorter one hits wherever they do; or of a group
/// without conditions, where the conditions of theirs keep nothing away.
fn contained(list: &List) -> Vec<Warning> {
    let words = Known::of(list);
    let mut warnings = Vec::new();
    for (at, group) in list.groups.iter().enumerate() {
        let limits = only_limits(group);
        for rule in &group.any {
            let Some(word) = folded(rule) else { continue };
            if let Some(short) = words.within(word).find_map(|part| words.of_group(part, at, word)) {
                let message = format!("已被{}的“{}”包含，可以删去", short.place(), short.display_name());
                warnings.push(warning(rule, message));
            } else if limits && let Some(short) = words.within(word).find_map(|part| words.free.get(part)) {
                let message = format!(
                    "{}的“{}”没有条件，本词出现时它总会命中，所以组“{}”的 + 和 ! 不会减少提醒",
                    short.place(),
                    short.display_name(),
                    group.name
                );
                warnings.push(warning(rule, message));
            }
            if warnings.len() >= MOST {
                return warnings;
            }
        }
    }
    warnings
}

/// The words of a list that hit anywhere, for finding those within others: a hundred thousand of them are
/// looked up in a moment where an automaton would take a second to build.
struct Known<'l> {
    /// By group and word.
    own: HashMap<(usize, &'l str), &'l Rule, RandomState>,
    /// Of groups without conditions.
    free: HashMap<&'l str, &'l Rule, RandomState>,
    /// Lengths that there are, in characters.
    lengths: BTreeSet<usize>,
}

impl<'l> Known<'l> {
    fn of(list: &'l List) -> Self {
        let mut known = Self { own: HashMap::default(), free: HashMap::default(), lengths: BTreeSet::new() };
        for (at, group) in list.groups.iter().enumerate() {
            for rule in &group.any {
                let Some(word) = folded(rule).filter(|word| anywhere(word)) else { continue };
                known.lengths.insert(word.chars().count());
                known.own.entry((at, word)).or_insert(rule);
                if !is_limited(group) {
                    known.free.entry(word).or_insert(rule);
                }
            }
        }
        known
    }

    /// The parts of a word that are as long as some word, the shortest first.
    fn within<'w>(&self, word: &'w str) -> impl Iterator<Item = &'w str> {
        let mut ends: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        ends.push(word.len());
        let most = ends.len() - 1;
        let lengths: Vec<usize> = self.lengths.range(..=most).copied().collect();
        lengths.into_iter().flat_map(move |length| {
            let spans: Vec<(usize, usize)> =
                ends.iter().copied().zip(ends.iter().skip(length).copied()).collect();
            spans.into_iter().filter_map(move |(start, end)| word.get(start..end))
        })
    }

    /// The rule of a group with this word, if it is shorter than another.
    fn of_group(&self, part: &str, group: usize, than: &str) -> Option<&'l Rule> {
        if part.len() >= than.len() { None } else { self.own.get(&(group, part)).copied() }
    }
}

fn is_limited(group: &Group) -> bool {
    !group.required.is_empty() || !group.excluded.is_empty()
}

/// Whether conditions are all that a group adds to its words.
fn only_limits(group: &Group) -> bool {
    is_limited(group)
        && group.at_least.is_none()
        && group.notify.is_empty()
        && !group.search
        && group.kind.is_none()
}

/// Latin words hit only at their boundaries, so "ai" is not contained in "openai".
fn anywhere(short: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    !short.starts_with(latin) && !short.ends_with(latin)
}
