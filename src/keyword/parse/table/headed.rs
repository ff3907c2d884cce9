//! A table with a header: each row is a rule, and what one sees in the row is what holds.
//!
//! A row hits when one of its 关键词 occurs, all of its 必须含 do and none of its 排除 does. Rows of one 组别
//! with the same conditions and settings become one [`Group`], others become groups of the same name. A
//! row without 关键词 holds for all rows of its 组别. An empty 组别 means that of the row above, up to an empty
//! row; any other empty cell is empty unless it is merged with one above.

use std::collections::{HashMap, HashSet};

use super::super::super::{Group, Rule};
use super::super::line::{self, Complaint, Line, Spot};
use super::super::{Draft, Reader, name_of};
use super::header::{Column, Header};
use super::value::Value;
use super::{Row, Sheet, split};

/// Words for "the same as above".
const SAME: [&str; 5] = ["同上", "〃", "″", "\"", "..."];

/// Longest name of a group and longest note, in characters.
const LONGEST_NAME: usize = 100;

/// What a row says.
struct Said {
    spot: Spot,
    shown: String,
    group: Group,
}

/// Reads the rows below a header.
pub(super) fn read(reader: &mut Reader, sheet: &Sheet, header: &Header, rows: &[Row]) {
    for (column, title) in &header.unknown {
        let message = "不认识这个表头，这一列没有读";
        reader.warn(&sheet.spot(header.row, *column), title, message);
    }
    for title in sheet.rows.iter().filter(|row| row.number < header.row && !row.is_comment()) {
        reader.warn(&sheet.spot(title.number, 0), &title.shown(), "在表头上面，没有当作关键词读");
    }
    reader.end_paragraph();
    let mut table = Table { reader, sheet, header, names: Vec::new(), index: HashMap::new() };
    let mut current = String::new();
    let mut last = header.row;
    for row in rows.iter().filter(|row| !is_comment(row, header)) {
        if table.reader.is_full() {
            return;
        }
        if row.number > last + 1 {
            current.clear();
        }
        last = row.number;
        table.take(row, &mut current);
    }
    table.finish();
}

/// A row that begins with `#`; in the column of keywords that is a word which is told to be none.
fn is_comment(row: &Row, header: &Header) -> bool {
    let keyword = |(at, _): &(u32, Value)| header.columns.contains(&(*at, Column::Keyword));
    row.is_comment() && !row.cells.first().is_some_and(keyword)
}

struct Table<'t> {
    reader: &'t mut Reader,
    sheet: &'t Sheet,
    header: &'t Header,
    /// Rows by 组别, in order of its first row; those without stand under the empty name.
    names: Vec<(String, Vec<Said>)>,
    index: HashMap<String, usize>,
}

impl Table<'_> {
    fn take(&mut self, row: &Row, current: &mut String) {
        let columns = &self.header.columns;
        for (column, _) in columns.iter().filter(|(_, what)| *what == Column::Group) {
            let Some(value) = self.value(row, *column) else { continue };
            let value = value.clone();
            let spot = self.sheet.spot(row.number, *column);
            if !SAME.contains(&value.text.as_str()) && value.check(self.reader, &spot) {
                *current = name_in(&value.text);
            }
        }
        let filter = is_filter(current);
        self.reader.in_filter = filter;
        let mut note = None;
        for (column, what) in columns {
            let Some(value) = self.value(row, *column).cloned() else { continue };
            let spot = self.sheet.spot(row.number, *column);
            match what {
                Column::Group => {}
                Column::Note => note = Some(in_short(&value.text)),
                _ if !value.check(self.reader, &spot) => {}
                Column::Keyword => self.words(&spot, &value.text, None),
                _ if filter => {
                    let message = "全局过滤的行里只写关键词，这一格不起作用";
                    self.reader.warn(&spot, &value.text, message);
                }
                Column::Required => self.words(&spot, &value.text, Some('+')),
                Column::Excluded => self.words(&spot, &value.text, Some('!')),
                _ => self.setting(&spot, &value.text, *what),
            }
        }
        self.reader.in_filter = false;
        let Draft { mut group, directive, .. } = std::mem::take(&mut self.reader.draft);
        for rule in &mut group.any {
            rule.note = rule.note.take().or_else(|| note.clone());
        }
        group.any.shrink_to_fit();
        let silent = group.any.is_empty() && group.required.is_empty() && group.excluded.is_empty();
        if !filter && (!silent || directive.is_some()) {
            let said = Said { spot: self.sheet.spot(row.number, 0), shown: row.shown(), group };
            self.put(current, said);
        }
    }

    /// What stands in a cell, or in the first of the cells that it is merged with.
    fn value<'s>(&'s self, row: &'s Row, column: u32) -> Option<&'s Value> {
        row.at(column).or_else(|| {
            let (first, left) = self.sheet.merged.origin(row.number, column)?;
            let rows = &self.sheet.rows;
            let at = rows.binary_search_by_key(&first, |row| row.number).ok()?;
            rows.get(at)?.at(left)
        })
    }

    fn words(&mut self, spot: &Spot, text: &str, mark: Option<char>) {
        for word in split::words(text) {
            if self.reader.is_full() {
                return;
            }
            let word = line::trimmed(word);
            let first = word.chars().next().map(line::half_width);
            let outcome = match mark {
                Some(mark) if first == Some(mark) => self.word(spot, word),
                Some(_) if matches!(first, Some('+' | '!')) => Err(Complaint::new(
                    "这一列的词前面不写 + 或 !",
                    "必须同时出现的写在“必须含”一列，出现就不算的写在“排除”一列",
                )),
                Some(mark) => self.word(spot, &format!("{mark}{word}")),
                None => self.word(spot, word),
            };
            if let Err(complaint) = outcome {
                self.reader.complain(spot, word, complaint);
            }
        }
    }

    fn word(&mut self, spot: &Spot, written: &str) -> Result<(), Complaint> {
        match line::read(written, spot)? {
            Line::Comment => {
                self.reader.warn(spot, written, "以 # 开头的是说明，不当作词；话题写成 #话题#");
                Ok(())
            }
            Line::Section(_) | Line::Alias(_) => Err(Complaint::new(
                "组名不写在这一列",
                "把组名写在“组别”一列；全局过滤的词，组别写“全局过滤”",
            )),
            line => self.reader.put(spot, written, line),
        }
    }

    /// A cell of a column of settings: the line of the text form with the column's key before it.
    fn setting(&mut self, spot: &Spot, text: &str, column: Column) {
        let key = column.key();
        let written = format!("{key}: {}", text.replace('\n', "、"));
        let outcome = line::read(&written, spot).and_then(|line| self.reader.put(spot, text, line));
        if let Err(Complaint { message, hint, .. }) = outcome {
            let hint = hint.replace(&format!("{key}: "), "");
            self.reader.complain(spot, text, Complaint::new(message, hint));
        }
    }

    /// Puts a row to its 组别.
    fn put(&mut self, name: &str, said: Said) {
        let at = *self.index.entry(name.to_owned()).or_insert(self.names.len());
        match self.names.get_mut(at) {
            Some((_, rows)) => rows.push(said),
            None => self.names.push((name.to_owned(), vec![said])),
        }
    }

    fn finish(self) {
        let Self { reader, sheet, names, .. } = self;
        let default = sheet.name.as_deref().filter(|name| !is_default(name)).unwrap_or_default();
        for (name, rows) in names {
            if name.is_empty() {
                unnamed(reader, default, rows);
            } else {
                together(reader, &name, rows);
            }
        }
    }
}

/// Rows without 组别: each for itself.
fn unnamed(reader: &mut Reader, default: &str, rows: Vec<Said>) {
    let (with, without): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|said| !said.group.any.is_empty() || !said.group.required.is_empty());
    for said in without {
        let hint = "在“关键词”一列写上要找的词；是管一整组的，在“组别”一列写上组名";
        reader.complain(&said.spot, &said.shown, Complaint::new("这一行没有关键词", hint));
    }
    push(reader, default, with.into_iter().map(|said| said.group));
}

/// Rows of one 组别: those without a word hold for all the others.
fn together(reader: &mut Reader, name: &str, rows: Vec<Said>) {
    let (with, without): (Vec<_>, Vec<_>) = rows.into_iter().partition(|said| !said.group.any.is_empty());
    uneven(reader, name, &with);
    let mut whole = Group::default();
    let first = without.first().map(|said| (said.spot.clone(), said.shown.clone()));
    for said in without {
        add(&mut whole, said.group);
    }
    if with.is_empty() {
        if !whole.required.is_empty() {
            push(reader, name, std::iter::once(whole));
        } else if let Some((spot, shown)) = first {
            let message = format!("组“{name}”里没有关键词");
            let hint = "在“关键词”一列写上要找的词，或删去这一组";
            reader.complain(&spot, &shown, Complaint::new(message, hint));
        }
        return;
    }
    let from = reader.list.groups.len();
    push(reader, name, with.into_iter().map(|said| said.group));
    for group in reader.list.groups.iter_mut().skip(from) {
        add(group, whole.clone());
    }
}

/// Adds what holds for a whole 组别; what a row says itself goes first.
fn add(group: &mut Group, whole: Group) {
    group.required.extend(whole.required);
    group.excluded.extend(whole.excluded);
    if group.at_least.is_none() {
        group.at_least = whole.at_least;
    }
    for name in whole.notify {
        if !group.notify.contains(&name) {
            group.notify.push(name);
        }
    }
    group.named_at.extend(whole.named_at);
    group.search |= whole.search;
    group.homophones |= whole.homophones;
    group.kind = group.kind.or(whole.kind);
}

/// Puts rows of the same conditions and settings together.
fn push(reader: &mut Reader, name: &str, rows: impl Iterator<Item = Group>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut same: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let at = *same.entry(terms(&row)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.any.extend(row.any),
            None => groups.push(row),
        }
    }
    for mut group in groups {
        group.line = group.any.iter().chain(&group.required).map(|rule| rule.line).min().unwrap_or_default();
        group.name = if name.is_empty() { name_of(&group) } else { name.to_owned() };
        reader.list.groups.push(group);
    }
}

/// Conditions and settings of a row, as a key.
fn terms(group: &Group) -> String {
    let written = |rules: &[Rule]| -> Vec<String> { rules.iter().map(|rule| rule.written.clone()).collect() };
    let Group { at_least, notify, search, homophones, kind, .. } = group;
    if group.required.is_empty() && group.excluded.is_empty() && notify.is_empty() && at_least.is_none() {
        return format!("{search} {homophones} {kind:?}");
    }
    format!(
        "{:?} {:?} {at_least:?} {notify:?} {search} {homophones} {kind:?}",
        written(&group.required),
        written(&group.excluded)
    )
}

/// Whether a row says something.
type Has = fn(&Group) -> bool;

/// A condition or a setting in some rows of a 组别 and not in others holds only where it stands, which is
/// not what everybody expects.
fn uneven(reader: &mut Reader, name: &str, rows: &[Said]) {
    let has: [(&str, Has); 4] = [
        ("必须含", |group| !group.required.is_empty()),
        ("排除", |group| !group.excluded.is_empty()),
        ("至少", |group| group.at_least.is_some()),
        ("通知", |group| !group.notify.is_empty()),
    ];
    let mut told: HashSet<u32> = HashSet::new();
    for (title, has) in has {
        let Some(with) = rows.iter().find(|said| has(&said.group)) else { continue };
        let Some(without) = rows.iter().find(|said| !has(&said.group)) else { continue };
        if told.insert(without.spot.line) {
            let message = format!(
                "组“{name}”的第 {} 行写了“{title}”，这一行没写，对这一行不起作用；要管全组，另起一行，只写组别和“{title}”",
                with.spot.line
            );
            reader.warn(&without.spot, &without.shown, message);
        }
    }
}

/// A group's name as it is shown: on one line, without the brackets of the text form.
fn name_in(text: &str) -> String {
    let text = in_short(text);
    let bare = text.trim_start_matches(['[', '［', '【']).trim_end_matches([']', '］', '】']).trim();
    if bare.is_empty() { text } else { bare.to_owned() }
}

/// A name or a note on one line, as long as one needs it.
fn in_short(text: &str) -> String {
    text.chars().take(LONGEST_NAME).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

fn is_filter(name: &str) -> bool {
    name == "全局过滤" || name.eq_ignore_ascii_case("GLOBAL_FILTER")
}

/// A name that nobody gave: `Sheet1`, `工作表1`.
fn is_default(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim();
    matches!(stem.to_lowercase().as_str(), "sheet" | "工作表" | "表" | "")
}
