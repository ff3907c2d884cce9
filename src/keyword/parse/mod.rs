//! Reads a keyword file: bytes of any Windows encoding to groups of rules (SEMANTICS 28).
//!
//! Lines of text and the cells of a table go through the same [`mod@line`] and the same [`Reader`]; a table
//! only says by its columns what a line says by its marks. All faulty lines are told at once. A file
//! written for TrendRadar reads unchanged; what differs ([`import`]) is told in a warning.

mod advice;
mod exception;
mod import;
mod kind;
mod line;
mod mistaken;
mod table;

pub use kind::FileKind;
use line::{Complaint, Directive, Line, Role, Spot};

use super::{Group, LineFault, List, NamedAt, Rule, Warning, Words};
use crate::text::decode_office_file;

/// Greatest file, in bytes.
const GREATEST_BYTES: usize = 8 << 20;
/// Most groups of one list.
const MOST_GROUPS: usize = 100_000;
/// Most regular expressions of one list: each is tried on every post.
const MOST_PATTERNS: usize = 500;
/// Most words and expressions of one list.
const MOST_RULES: usize = 500_000;
/// Warnings after which no more are collected.
const MOST_WARNINGS: usize = 1_000;
/// Faults after which the rest of the file is not read.
const MOST_FAULTS: usize = 200;

/// Reads and checks one keyword file of a unit: lines of text, a .csv or an .xlsx. `file` is carried along
/// for messages; its ending tells lines of text from a .csv.
///
/// # Errors
/// All lines and cells that cannot be used, in order; a file without a single keyword.
pub fn parse(unit: &str, file: &str, bytes: &[u8]) -> Result<List, Vec<LineFault>> {
    if bytes.len() > GREATEST_BYTES {
        let message = format!("文件有 {} MB，超过 {} MB", bytes.len() >> 20, GREATEST_BYTES >> 20);
        return Err(vec![of_file(message, "关键词文件应当是一行一个词的纯文本；请检查是否放错了文件")]);
    }
    let mut reader = Reader::new(List { unit: unit.to_owned(), file: file.to_owned(), ..List::default() });
    match kind::of(file, bytes).map_err(|fault| vec![fault])? {
        FileKind::Lines => lines(&mut reader, bytes),
        FileKind::Csv => table::csv(&mut reader, bytes),
        FileKind::Xlsx => table::xlsx(&mut reader, bytes),
    }
    reader.finish()
}

/// Tells how a file is read: by its first bytes, else by the ending of its name.
///
/// # Errors
/// What kind of file it is that cannot be read, and how to save it instead.
pub fn kind_of(file: &str, bytes: &[u8]) -> Result<FileKind, LineFault> {
    kind::of(file, bytes)
}

fn lines(reader: &mut Reader, bytes: &[u8]) {
    for (number, raw) in (1u32..).zip(text_of(bytes).split('\n')) {
        reader.take(&Spot::line(number), raw);
        if reader.is_full() {
            break;
        }
    }
}

/// The text of a file of any Windows encoding, its lines ending in `\n`.
fn text_of(bytes: &[u8]) -> String {
    decode_office_file(bytes).text.replace("\r\n", "\n").replace('\r', "\n")
}

fn of_file(message: impl Into<String>, hint: impl Into<String>) -> LineFault {
    let (message, hint) = (message.into(), hint.into());
    LineFault { line: 0, text: String::new(), message, hint, within: None, cell: None }
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
    n_rules: usize,
    /// Whether it has the sections of TrendRadar's files.
    sections: bool,
}

struct Named {
    name: String,
    spot: Spot,
    text: String,
}

#[derive(Default)]
struct Draft {
    name: Option<Named>,
    group: Group,
    /// The first directive, in case the paragraph has nothing else.
    directive: Option<(Spot, String)>,
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
            n_rules: 0,
            sections: false,
        }
    }

    /// Whether there are so many faults that the rest need not be read.
    fn is_full(&self) -> bool {
        self.faults.len() >= MOST_FAULTS || self.n_rules > MOST_RULES
    }

    fn take(&mut self, spot: &Spot, raw: &str) {
        let text = line::trimmed(raw);
        let outcome = line::read(raw, spot).and_then(|line| self.put(spot, text, line));
        if let Err(complaint) = outcome {
            self.complain(spot, text, complaint);
        }
    }

    fn complain(&mut self, spot: &Spot, text: &str, complaint: Complaint) {
        let Complaint { message, hint, within } = complaint;
        let (text, cell) = (shown(text), spot.cell.clone());
        // In a cell a column may stand for the mark, and several words may share the text that is shown.
        let within = within.filter(|_| cell.is_none());
        self.faults.push(LineFault { line: spot.line, text, message, hint, within, cell });
    }

    fn put(&mut self, spot: &Spot, text: &str, line: Line) -> Result<(), Complaint> {
        match line {
            Line::Comment => {}
            Line::Blank => self.end_paragraph(),
            Line::Section(filter) => {
                self.end_paragraph();
                self.in_filter = filter;
                self.sections |= text.is_ascii();
            }
            Line::Alias(name) => {
                self.end_paragraph();
                self.draft.name = Some(Named { name, spot: spot.clone(), text: text.to_owned() });
            }
            Line::Cap(cap) => {
                self.draft.group.display_cap = Some(cap);
                self.sections = true;
            }
            Line::Directive(_) if self.in_filter => {
                return Err(Complaint::new("全局过滤区里不能写这一行", "移到 [WORD_GROUPS] 之后的词组里"));
            }
            Line::Directive(directive) => {
                self.draft.directive.get_or_insert_with(|| (spot.clone(), text.to_owned()));
                self.direct(spot, text, directive);
            }
            Line::Rule(role, rule) => self.add(role, rule)?,
        }
        Ok(())
    }

    fn direct(&mut self, spot: &Spot, text: &str, directive: Directive) {
        let group = &mut self.draft.group;
        let named_at = |name: &String| NamedAt {
            name: name.clone(),
            line: spot.line,
            text: text.to_owned(),
            cell: spot.cell.clone(),
        };
        match directive {
            Directive::AtLeast(tier) => {
                group.named_at.push(named_at(&tier));
                group.at_least = Some(tier);
            }
            Directive::Notify(names) => {
                for name in names {
                    if !group.notify.contains(&name) {
                        group.named_at.push(named_at(&name));
                        group.notify.push(name);
                    }
                }
            }
            Directive::Kind(kind) => group.kind = Some(kind),
            Directive::Search(yes) => group.search = yes,
            Directive::Homophones(yes) => group.homophones = yes,
        }
    }

    fn add(&mut self, role: Role, rule: Rule) -> Result<(), Complaint> {
        self.n_rules += 1;
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
                    self.warn_of(&rule, message);
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
        // A list of a hundred thousand groups of one word each.
        group.any.shrink_to_fit();
        let name = match (name, self.waiting_name.take()) {
            (Some(name), Some(unused)) => {
                self.warn(&unused.spot, &unused.text, "这个组名下面没有词");
                Some(name)
            }
            (name, waiting) => name.or(waiting),
        };
        group.name = name.map_or_else(|| name_of(&group), |named| named.name);
        self.list.groups.push(group);
    }

    fn end_without_words(&mut self, name: Option<Named>, group: &Group, directive: Option<(Spot, String)>) {
        if let Some(name) = name
            && let Some(unused) = self.waiting_name.replace(name)
        {
            self.warn(&unused.spot, &unused.text, "这个组名下面没有词");
        }
        if let Some((spot, text)) = directive {
            let hint = "把这一行写进词组里，与词之间不要空行";
            self.complain(&spot, &text, Complaint::new("这一段没有关键词，这一行不知道管哪一组", hint));
        } else if let Some(rule) = group.excluded.first() {
            let message = "这一段只有 ! 开头的词，没有要找的词，整段不起作用；! 只管自己这一段";
            self.warn_of(rule, message);
        }
    }

    fn warn(&mut self, spot: &Spot, text: &str, message: impl Into<String>) {
        if self.list.warnings.len() >= MOST_WARNINGS {
            return;
        }
        let (text, message) = (shown(text), message.into());
        self.list.warnings.push(Warning { line: spot.line, text, message, cell: spot.cell.clone() });
    }

    fn warn_of(&mut self, rule: &Rule, message: &str) {
        self.warn(&Spot { line: rule.line, cell: rule.cell.clone() }, &rule.written, message);
    }

    fn finish(mut self) -> Result<List, Vec<LineFault>> {
        self.end_paragraph();
        if let Some(unused) = self.waiting_name.take() {
            self.warn(&unused.spot, &unused.text, "这个组名下面没有词");
        }
        if self.n_rules > MOST_RULES {
            self.faults.push(of_file(format!("词超过 {MOST_RULES} 个"), "请删去用不着的词，或分成几个文件"));
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
            self.faults.sort_by(LineFault::order);
            return Err(self.faults);
        }
        if self.sections || self.list.file.contains("frequency_words") {
            import::note(&mut self.list);
        }
        exception::mark(&mut self.list);
        advice::give(&mut self.list);
        Ok(self.list)
    }
}

/// A line or a cell as far as a screen shows it.
fn shown(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The words of a group as its name, at most three of them.
pub(super) fn name_of(group: &Group) -> String {
    let names = |rules: &[Rule], joint: &str| {
        let mut all: Vec<&str> = rules.iter().map(Rule::display_name).collect();
        // Words of one cell share its note.
        all.dedup();
        let first: Vec<&str> = all.iter().take(3).copied().collect();
        first.join(joint) + if all.len() > 3 { "等" } else { "" }
    };
    if group.any.is_empty() { names(&group.required, "+") } else { names(&group.any, "、") }
}
