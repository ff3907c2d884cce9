//! Reads a keyword file: bytes of any Windows encoding to groups of rules (SEMANTICS 28).
//!
//! All faulty lines are told at once. A file written for TrendRadar reads unchanged; what differs is
//! that `!` is local to its group, `@` drops nothing, and an empty list is refused.

mod advice;
mod line;

use line::{Complaint, Directive, Line, Role};

use super::{Group, LineFault, List, Rule, Warning, Words};
use crate::text::decode_office_file;

/// Greatest file, in bytes.
const GREATEST_BYTES: usize = 8 << 20;
/// Most groups of one list.
const MOST_GROUPS: usize = 100_000;
/// Most regular expressions of one list: each is tried on every post.
const MOST_PATTERNS: usize = 500;
/// Faults after which the rest of the file is not read.
const MOST_FAULTS: usize = 200;

/// Reads and checks one keyword file of a unit. `file` is only carried along, for messages.
///
/// # Errors
/// All lines that cannot be used, in order; a file without a single keyword.
pub fn parse(unit: &str, file: &str, bytes: &[u8]) -> Result<List, Vec<LineFault>> {
    if bytes.len() > GREATEST_BYTES {
        let message = format!("文件有 {} MB，超过 {} MB", bytes.len() >> 20, GREATEST_BYTES >> 20);
        return Err(vec![of_file(message, "关键词文件应当是一行一个词的纯文本；请检查是否放错了文件")]);
    }
    let text = decode_office_file(bytes).text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::new(List { unit: unit.to_owned(), file: file.to_owned(), ..List::default() });
    for (number, raw) in (1u32..).zip(text.split('\n')) {
        reader.take(number, raw);
        if reader.faults.len() >= MOST_FAULTS {
            break;
        }
    }
    reader.finish()
}

fn of_file(message: impl Into<String>, hint: impl Into<String>) -> LineFault {
    LineFault { line: 0, text: String::new(), message: message.into(), hint: hint.into() }
}

/// Where the reading of a file stands.
struct Reader {
    list: List,
    faults: Vec<LineFault>,
    /// The paragraph that is being read.
    draft: Draft,
    /// A group name that stood alone in its paragraph and waits for the next.
    waiting_name: Option<Named>,
    in_filter: bool,
    n_patterns: usize,
}

struct Named {
    name: String,
    line: u32,
    text: String,
}

#[derive(Default)]
struct Draft {
    name: Option<Named>,
    group: Group,
    /// The first directive, in case the paragraph has nothing else.
    directive: Option<(u32, String)>,
}

impl Reader {
    fn new(list: List) -> Self {
        Self {
            list,
            faults: Vec::new(),
            draft: Draft::default(),
            waiting_name: None,
            in_filter: false,
            n_patterns: 0,
        }
    }

    fn take(&mut self, number: u32, raw: &str) {
        let text = line::trimmed(raw);
        let outcome = line::read(raw, number).and_then(|line| self.put(number, text, line));
        if let Err(Complaint { message, hint }) = outcome {
            // Shown as far as a screen shows it.
            let text = text.chars().take(120).collect();
            self.faults.push(LineFault { line: number, text, message, hint });
        }
    }

    fn put(&mut self, number: u32, text: &str, line: Line) -> Result<(), Complaint> {
        match line {
            Line::Comment => {}
            Line::Blank => self.end_paragraph(),
            Line::Section(filter) => {
                self.end_paragraph();
                self.in_filter = filter;
            }
            Line::Alias(name) => {
                self.end_paragraph();
                self.draft.name = Some(Named { name, line: number, text: text.to_owned() });
            }
            Line::Cap(cap) => self.draft.group.display_cap = Some(cap),
            Line::Directive(_) if self.in_filter => {
                return Err(Complaint::new("全局过滤区里不能写这一行", "移到 [WORD_GROUPS] 之后的词组里"));
            }
            Line::Directive(directive) => {
                self.draft.directive.get_or_insert_with(|| (number, text.to_owned()));
                self.direct(directive);
            }
            Line::Rule(role, rule) => self.add(role, rule)?,
        }
        Ok(())
    }

    fn direct(&mut self, directive: Directive) {
        let group = &mut self.draft.group;
        match directive {
            Directive::AtLeast(tier) => group.at_least = Some(tier),
            Directive::Notify(names) => {
                for name in names {
                    if !group.notify.contains(&name) {
                        group.notify.push(name);
                    }
                }
            }
            Directive::Search(yes) => group.search = yes,
            Directive::Homophones(yes) => group.homophones = yes,
        }
    }

    fn add(&mut self, role: Role, rule: Rule) -> Result<(), Complaint> {
        if let Words::Pattern(_) = rule.words {
            self.n_patterns += 1;
            if self.n_patterns > MOST_PATTERNS {
                return Err(Complaint::new(
                    format!("正则超过 {MOST_PATTERNS} 条"),
                    "能写成普通词的请写成普通词",
                ));
            }
        }
        if self.in_filter {
            match role {
                Role::Any => self.list.filters.push(rule),
                Role::Required | Role::Excluded => {
                    let message = "全局过滤区里的词前面不写 + 或 !，这一行不起作用";
                    self.warn(rule.line, &rule.written, message);
                }
            }
            return Ok(());
        }
        let group = &mut self.draft.group;
        let rules = match role {
            Role::Any => &mut group.any,
            Role::Required => &mut group.required,
            Role::Excluded => &mut group.excluded,
        };
        rules.push(rule);
        Ok(())
    }

    fn end_paragraph(&mut self) {
        let Draft { name, mut group, directive } = std::mem::take(&mut self.draft);
        let first = group.any.iter().chain(&group.required).map(|rule| rule.line).min();
        let Some(line) = first else {
            self.end_without_words(name, &group, directive);
            return;
        };
        group.line = line;
        let name = match (name, self.waiting_name.take()) {
            (Some(name), Some(unused)) => {
                self.warn(unused.line, &unused.text, "这个组名下面没有词");
                Some(name)
            }
            (name, waiting) => name.or(waiting),
        };
        group.name = name.map_or_else(|| name_of(&group), |named| named.name);
        self.list.groups.push(group);
    }

    fn end_without_words(&mut self, name: Option<Named>, group: &Group, directive: Option<(u32, String)>) {
        if let Some(name) = name
            && let Some(unused) = self.waiting_name.replace(name)
        {
            self.warn(unused.line, &unused.text, "这个组名下面没有词");
        }
        if let Some((line, text)) = directive {
            let hint = "把这一行写进词组里，与词之间不要空行";
            let message = "这一段没有关键词，这一行不知道管哪一组".to_owned();
            self.faults.push(LineFault { line, text, message, hint: hint.to_owned() });
        } else if let Some(rule) = group.excluded.first() {
            let message = "这一段只有 ! 开头的词，没有要找的词，整段不起作用；! 只管自己这一段";
            self.warn(rule.line, &rule.written, message);
        }
    }

    fn warn(&mut self, line: u32, text: &str, message: impl Into<String>) {
        self.list.warnings.push(Warning { line, text: text.to_owned(), message: message.into() });
    }

    fn finish(mut self) -> Result<List, Vec<LineFault>> {
        self.end_paragraph();
        if let Some(unused) = self.waiting_name.take() {
            self.warn(unused.line, &unused.text, "这个组名下面没有词");
        }
        if self.list.groups.len() > MOST_GROUPS {
            self.faults.push(of_file(format!("词组超过 {MOST_GROUPS} 个"), "请分成几个文件"));
        }
        if self.faults.is_empty() && self.list.groups.is_empty() {
            self.faults.push(of_file(
                "名单里一个关键词也没有；空名单不会被当作“全部命中”",
                "至少写一行要找的词，如单位的名称",
            ));
        }
        if !self.faults.is_empty() {
            self.faults.sort_by_key(|fault| fault.line);
            return Err(self.faults);
        }
        advice::give(&mut self.list);
        Ok(self.list)
    }
}

/// The words of a group as its name, at most three of them.
fn name_of(group: &Group) -> String {
    let names = |rules: &[Rule], joint: &str| {
        let first: Vec<&str> = rules.iter().take(3).map(Rule::display_name).collect();
        first.join(joint) + if rules.len() > 3 { "等" } else { "" }
    };
    if group.any.is_empty() { names(&group.required, "+") } else { names(&group.any, "、") }
}
