//! One TOML file being read into checked values, fault by fault.
//!
//! serde stops at the first fault and loses the place of a value that is wrong only beside another.
//! An office that mends one line, runs `check`, and is shown the next one loses patience, so the
//! office's files are read through a [`Sheet`]: it hands out values with their place, collects every
//! fault in Chinese with its mend, and [`Table::finish`] names the keys that nobody asked for.

use std::{cell::RefCell, collections::BTreeSet, ops::Range, path::Path};

use jiff::{SignedDuration, civil::Time};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Fault, Warning, duration, moment::Moment, place};

/// A value and where it stands.
pub type Spot<T> = Spanned<T>;

/// A word of a fixed vocabulary: the id, the Chinese word, what it means.
pub type Word<T> = (&'static str, &'static str, T);

/// One file and the faults found in it so far.
#[derive(Debug)]
pub struct Sheet<'a> {
    file: &'a Path,
    text: &'a str,
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Warning>>,
}

impl<'a> Sheet<'a> {
    /// A sheet over the text of `file`.
    #[must_use]
    pub const fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, faults: RefCell::new(Vec::new()), warnings: RefCell::new(Vec::new()) }
    }

    /// Notes a fault at a place.
    pub fn fault(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.borrow_mut().push(Fault::at(self.file, self.text, span, message, Some(hint.into())));
    }

    /// Notes a fault whose line must not be shown because a secret stands in it.
    pub fn fault_hiding(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let mut fault = Fault::at(self.file, self.text, span, message, Some(hint.into()));
        let lead: String = fault.source.chars().take(fault.column.saturating_sub(1)).collect();
        fault.source = format!("{lead}\"***\"");
        fault.width = 5;
        self.faults.borrow_mut().push(fault);
    }

    /// Notes something that works but is probably not meant.
    pub fn warn(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let fault = Fault::at(self.file, self.text, span, message, Some(hint.into()));
        self.warnings.borrow_mut().push(Warning(fault));
    }

    /// What to say of a place, when somebody later finds a reason to say it.
    #[must_use]
    pub fn note_at(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        Fault::at(self.file, self.text, span, message, Some(hint.into()))
    }

    /// A time of the day such as `08:30`, as the office's wall clock shows it; anything else is noted at `place`.
    pub fn time_of_day(&self, text: &str, place: Range<usize>) -> Option<Time> {
        let time = Time::strptime("%H:%M", text.trim().replace('：', ":")).ok();
        if time.is_none() {
            let message = format!("\"{}\" 不是时刻", text.trim());
            self.fault(place, message, "写成 \"08:30\"（二十四小时制，英文冒号）");
        }
        time
    }

    /// Reads the file as TOML. Syntax faults are noted, all of them; what could be read is handed to
    /// `read` only when there were none, so that one missing quote does not make ten faults.
    pub fn read<T>(&self, read: impl FnOnce(&Table<'_>) -> T) -> Option<T> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.faults.borrow_mut().push(place::of_toml(self.file, self.text, error));
        }
        errors.is_empty().then(|| {
            let top = Table::new(self, table.get_ref(), table.span(), String::new());
            let value = read(&top);
            top.finish();
            value
        })
    }

    /// Ends the reading: what was found, in the order of the lines.
    #[must_use]
    pub fn into_findings(self) -> (Vec<Fault>, Vec<Warning>) {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        let mut warnings = self.warnings.into_inner();
        warnings.sort_by_key(|warning| (warning.0.line, warning.0.column));
        (faults, warnings)
    }
}

/// A table of a sheet; remembers which keys were asked for.
#[derive(Debug)]
pub struct Table<'s> {
    sheet: &'s Sheet<'s>,
    table: &'s DeTable<'s>,
    span: Range<usize>,
    name: String,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'s> Table<'s> {
    fn new(sheet: &'s Sheet<'_>, table: &'s DeTable<'_>, span: Range<usize>, name: String) -> Self {
        Self { sheet, table, span, name, asked: RefCell::new(BTreeSet::new()) }
    }

    /// The sheet it stands on.
    #[must_use]
    pub const fn sheet(&self) -> &'s Sheet<'s> {
        self.sheet
    }

    /// Where it begins.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn get(&self, key: &'static str) -> Option<&'s Spanned<DeValue<'s>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Whether the key is written at all.
    #[must_use]
    pub fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Where the key's value stands, else the table.
    #[must_use]
    pub fn place_of(&self, key: &'static str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span(), Spanned::span)
    }

    fn wrong_type(&self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str, example: &str) {
        let found = chinese_type(value.get_ref());
        self.sheet.fault(
            value.span(),
            format!("{key} 应当是{wanted}，这里写的是{found}"),
            format!("写成 {key} = {example}"),
        );
    }

    fn missing(&self, key: &str, example: &str) {
        let table = if self.name.is_empty() { "这个文件".to_owned() } else { format!("[{}]", self.name) };
        self.sheet.fault(self.span(), format!("{table} 缺少 {key}"), format!("加一行 {key} = {example}"));
    }

    /// A text; `None` when it is not written, or wrong (then noted).
    pub fn text(&self, key: &'static str) -> Option<Spot<String>> {
        let value = self.get(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(Spanned::new(value.span(), text.trim().to_owned()));
        }
        self.wrong_type(value, key, "文字", "\"…\"（英文双引号）");
        None
    }

    /// A text that must be there and not be empty; `example` is shown in the mend.
    pub fn need_text(&self, key: &'static str, example: &str) -> Option<Spot<String>> {
        if !self.has(key) {
            self.missing(key, &format!("\"{example}\""));
            return None;
        }
        let text = self.text(key)?;
        if text.get_ref().is_empty() {
            self.sheet.fault(text.span(), format!("{key} 是空的"), format!("写成 {key} = \"{example}\""));
            return None;
        }
        Some(text)
    }

    /// A whole number within `range`.
    pub fn whole(&self, key: &'static str, range: std::ops::RangeInclusive<u64>) -> Option<Spot<u64>> {
        self.number(key, self.get(key)?, &range)
    }

    fn number(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        range: &std::ops::RangeInclusive<u64>,
    ) -> Option<Spot<u64>> {
        let Some(integer) = value.get_ref().as_integer() else {
            let written = value.get_ref().as_str().unwrap_or_default();
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            let example = if digits.is_empty() { range.start().to_string() } else { digits };
            self.wrong_type(value, key, "整数（不加引号、不加逗号）", &example);
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(Spanned::new(value.span(), number)),
            None => {
                let (low, high) = (range.start(), range.end());
                self.sheet.fault(
                    value.span(),
                    format!("{key} = {} 超出范围", integer.as_str()),
                    format!("写 {low} 到 {high} 之间的整数"),
                );
                None
            }
        }
    }

    /// Yes or no; `default` when it is not written.
    pub fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(value, key, "是或否", "true（是）或 false（否）");
            default
        })
    }

    /// A yes or no where something else may stand as well; nothing is noted when it does.
    #[must_use]
    pub fn flag_or_else(&self, key: &'static str) -> Option<bool> {
        self.get(key)?.get_ref().as_bool()
    }

    /// A duration above zero, such as `"5min"`.
    pub fn duration(&self, key: &'static str) -> Option<Spot<SignedDuration>> {
        let text = match self.get(key)?.get_ref().as_str() {
            Some(_) => self.text(key)?,
            None => {
                self.wrong_type(self.get(key)?, key, "时长", "\"5min\"（可用 s、min、h、d）");
                return None;
            }
        };
        match duration::parse(text.get_ref()) {
            Ok(length) => Some(Spanned::new(text.span(), length)),
            Err(error) => {
                self.sheet.fault(text.span(), format!("{key}: {error}"), error.hint());
                None
            }
        }
    }

    /// A time of the day, such as `"16:00"`.
    pub fn time(&self, key: &'static str) -> Option<Time> {
        let written = self.text(key)?;
        self.sheet.time_of_day(written.get_ref(), written.span())
    }

    /// A day, a day with its time, or an instant; as a TOML date or as text.
    pub fn moment(&self, key: &'static str) -> Option<Spot<Moment>> {
        let value = self.get(key)?;
        let written = match value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(datetime) => datetime.to_string(),
            _ => {
                self.wrong_type(value, key, "日期或日期时间", "2026-06-01 或 \"2026-06-01 08:00\"");
                return None;
            }
        };
        let moment = Moment::parse(&written);
        if moment.is_none() {
            let message = format!("{key}: \"{written}\" 不是日期或日期时间");
            let hint = format!("写成 {key} = 2026-06-01 或 {key} = \"2026-06-01 08:00\"");
            self.sheet.fault(value.span(), message, hint);
        }
        moment.map(|moment| Spanned::new(value.span(), moment))
    }

    /// A word of a fixed vocabulary, by id or in Chinese.
    pub fn word<T: Clone>(&self, key: &'static str, words: &[Word<T>]) -> Option<Spot<T>> {
        let text = self.text(key)?;
        let found = one_of(self.sheet, key, &text, words)?;
        Some(Spanned::new(text.span(), found))
    }

    /// Words of a fixed vocabulary; empty when it is not written.
    pub fn words<T: Clone>(&self, key: &'static str, words: &[Word<T>]) -> Vec<Spot<T>> {
        let texts = self.texts(key);
        texts
            .iter()
            .filter_map(|text| Some(Spanned::new(text.span(), one_of(self.sheet, key, text, words)?)))
            .collect()
    }

    /// A list of texts; a single text counts as a list of one. Empty when it is not written.
    pub fn texts(&self, key: &'static str) -> Vec<Spot<String>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        list_of_texts(self.sheet, key, value)
    }

    /// Whether a list is written that holds nothing.
    #[must_use]
    pub fn is_empty_list(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.get_ref().as_array().is_some_and(|all| all.is_empty()))
    }

    /// A list of lists of texts: `[["甲"], ["乙", "丙"]]`. A bare text in the outer list is a list of one.
    pub fn text_lists(&self, key: &'static str) -> Vec<Spot<Vec<Spot<String>>>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(outer) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "列表", "[[\"甲\"], [\"乙\", \"丙\"]]");
            return Vec::new();
        };
        outer.iter().map(|inner| Spanned::new(inner.span(), list_of_texts(self.sheet, key, inner))).collect()
    }

    /// Whole numbers within `range`; empty when they are not written.
    pub fn wholes(&self, key: &'static str, range: std::ops::RangeInclusive<u64>) -> Vec<Spot<u64>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let (low, high) = (range.start(), range.end());
        let hint = format!("写成 {key} = [{low}, {high}]");
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "整数的列表", &format!("[{low}, {high}]"));
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for item in array {
            let integer = item.get_ref().as_integer();
            let number = integer.and_then(|one| u64::from_str_radix(one.as_str(), one.radix()).ok());
            match number.filter(|number| range.contains(number)) {
                Some(number) => numbers.push(Spanned::new(item.span(), number)),
                None => self.sheet.fault(
                    item.span(),
                    format!("{key} 里要写 {low} 到 {high} 之间的整数"),
                    hint.clone(),
                ),
            }
        }
        numbers
    }

    /// Whether a key holds one of these texts.
    pub fn text_is(&self, key: &'static str, texts: &[&str]) -> bool {
        let written = self.get(key).and_then(|value| value.get_ref().as_str());
        written.is_some_and(|written| texts.contains(&written.trim()))
    }

    /// Whether a key holds an array whose first item is a table.
    pub fn holds_tables(&self, key: &'static str) -> bool {
        let array = self.get(key).and_then(|value| value.get_ref().as_array());
        array.and_then(|array| array.first()).is_some_and(|first| first.get_ref().as_table().is_some())
    }

    /// A table below this one.
    pub fn table(&self, key: &'static str) -> Option<Table<'s>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Self::new(self.sheet, table, value.span(), self.below(key))),
            None => {
                self.wrong_type(value, key, "一张表", &format!("{{ … }}，或另起一行写 [{key}]"));
                None
            }
        }
    }

    /// An array of tables (`[[key]]`).
    pub fn tables(&self, key: &'static str) -> Vec<Table<'s>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.sheet.fault(
                value.span(),
                format!("{key} 应当是若干张表"),
                format!("每张表前写 [[{key}]]，用两层方括号"),
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Self::new(self.sheet, table, item.span(), self.below(key))),
                None => self.wrong_type(item, key, "表", "[{ … }, { … }]"),
            }
        }
        tables
    }

    /// Keys and texts of a free table, such as HTTP headers.
    pub fn pairs(&self, key: &'static str) -> Vec<(Spot<String>, Spot<String>)> {
        let Some(table) = self.table(key) else { return Vec::new() };
        let mut pairs = Vec::new();
        for (name, value) in table.table {
            let name = Spanned::new(name.span(), name.get_ref().to_string());
            match value.get_ref().as_str() {
                Some(text) => pairs.push((name, Spanned::new(value.span(), text.to_owned()))),
                None => table.wrong_type(value, name.get_ref(), "文字", "\"…\""),
            }
        }
        pairs
    }

    /// Keys and whole numbers of a free table.
    pub fn numbers(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Vec<(Spot<String>, Spot<u64>)> {
        let Some(table) = self.table(key) else { return Vec::new() };
        let mut numbers = Vec::new();
        for (name, value) in table.table {
            let name = Spanned::new(name.span(), name.get_ref().to_string());
            numbers.extend(table.number(name.get_ref(), value, &range).map(|number| (name, number)));
        }
        numbers
    }

    fn below(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Ends the reading of this table: every key that was not asked for is a fault.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys().filter(|key| !asked.contains(key.get_ref().as_ref())) {
            let name = key.get_ref();
            let hint = nearest(name, &asked).map_or_else(
                || format!("删去它。这里可以写: {}", asked.iter().copied().collect::<Vec<_>>().join("、")),
                |near| {
                    format!(
                        "是不是 {near}？这里可以写: {}",
                        asked.iter().copied().collect::<Vec<_>>().join("、")
                    )
                },
            );
            self.sheet.fault(key.span(), format!("没有 {name} 这个键"), hint);
        }
    }
}

fn one_of<T: Clone>(sheet: &Sheet<'_>, key: &str, text: &Spot<String>, words: &[Word<T>]) -> Option<T> {
    let written = text.get_ref().as_str();
    let found = words.iter().find(|(id, chinese, _)| *id == written || *chinese == written);
    if found.is_none() {
        let choices: Vec<_> = words
            .iter()
            .map(
                |(id, chinese, _)| {
                    if id == chinese { format!("\"{id}\"") } else { format!("\"{chinese}\"（{id}）") }
                },
            )
            .collect();
        sheet.fault(
            text.span(),
            format!("{key} 不认识 \"{written}\""),
            format!("写下列之一: {}", choices.join("、")),
        );
    }
    found.map(|(_, _, value)| value.clone())
}

fn list_of_texts(sheet: &Sheet<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<Spot<String>> {
    let wrong = |value: &Spanned<DeValue<'_>>| {
        let found = chinese_type(value.get_ref());
        sheet.fault(
            value.span(),
            format!("{key} 里应当是文字，这里写的是{found}"),
            "每一项都加英文双引号，用英文逗号隔开: [\"甲\", \"乙\"]",
        );
    };
    if let Some(text) = value.get_ref().as_str() {
        return vec![Spanned::new(value.span(), text.trim().to_owned())];
    }
    let Some(array) = value.get_ref().as_array() else {
        wrong(value);
        return Vec::new();
    };
    let mut texts = Vec::new();
    for item in array {
        match item.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => {
                texts.push(Spanned::new(item.span(), text.trim().to_owned()));
            }
            Some(_) => sheet.fault(item.span(), format!("{key} 里有一项是空的"), "删去它，或写上内容"),
            None => wrong(item),
        }
    }
    texts
}

fn chinese_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "文字",
        DeValue::Integer(_) => "整数",
        DeValue::Float(_) => "小数",
        DeValue::Boolean(_) => "是或否",
        DeValue::Datetime(_) => "日期时间",
        DeValue::Array(_) => "列表",
        DeValue::Table(_) => "一张表",
    }
}

/// The known key that a mistyped one most likely means: at most two edits away.
fn nearest(written: &str, known: &BTreeSet<&'static str>) -> Option<&'static str> {
    known
        .iter()
        .map(|key| (edits(written, key), *key))
        .filter(|(distance, key)| *distance <= 2 && *distance < key.len())
        .min()
        .map(|(_, key)| key)
}

fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, left) in from.chars().enumerate() {
        let mut next = vec![at + 1];
        for ((right, above), pair) in to.iter().zip(row.iter().skip(1)).zip(row.iter()) {
            let beside = next.last().copied().unwrap_or(usize::MAX - 1);
            next.push((above + 1).min(beside + 1).min(pair + usize::from(left != *right)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
