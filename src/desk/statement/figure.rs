//! Numbers, dates and times as values, so that `3人` equals `三人`, `1万` equals `10000`, and `11月21日` equals
//! `2026-11-21` as far as both say.

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A number, in thousandths.
    Number,
    /// A share in per cent, in thousandths.
    Percent,
    /// A date: year × 10,000 + month × 100 + day, 0 for what it does not say.
    Date,
    /// A time of day: hours × 60 + minutes.
    Time,
    /// Seven digits and more: a telephone, an account, an identity.
    Long,
}

/// A figure where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) kind: Kind,
    pub(super) value: u64,
}

/// The Chinese numerals that stand for digits, and their values.
const DIGITS: [(char, u64); 12] = [
    ('〇', 0),
    ('零', 0),
    ('一', 1),
    ('二', 2),
    ('两', 2),
    ('三', 3),
    ('四', 4),
    ('五', 5),
    ('六', 6),
    ('七', 7),
    ('八', 8),
    ('九', 9),
];
/// Words after a single Chinese numeral that make it a figure.
const MEASURES: &str =
    "人名例位月日号届次万亿元块天年个小层楼家户辆起岁级期批第死伤条张台件栋座处所间分钟点时周倍成吨斤米平";
/// Words after `21号` that make it no day.
const NOT_A_DAY: &str = "楼线院桌车文公令机店馆门床病窗地出铺位井站厅室单元";
/// Words after `11.21` that make it no date.
const UNITS: &str = "%元万亿米公度吨k倍折分升斤g千克毫里块个成点厘平比";

impl Figure {
    /// Reads the figure that begins at the first of these characters; with its length.
    pub(super) fn at(text: &[char], last: Option<char>) -> Option<(Self, usize)> {
        let (number, length) = lexeme(text, last)?;
        let dated = date(text, number, length, last).or_else(|| time(text, number, length));
        Some(dated.unwrap_or_else(|| plain(text, number, length)))
    }

    /// Whether both can mean the same.
    pub(super) fn agrees(self, other: Self) -> bool {
        if self.kind != other.kind {
            return false;
        }
        let part = |value: u64, unit: u64, size: u64| value / unit % size;
        let agree = |a: u64, b: u64| a == 0 || b == 0 || a == b;
        match self.kind {
            Kind::Date => [(10_000, 10_000), (100, 100), (1, 100)]
                .iter()
                .all(|&(unit, size)| agree(part(self.value, unit, size), part(other.value, unit, size))),
            _ => self.value == other.value,
        }
    }

    /// What equal figures share in the comparison: of a date the day of the year.
    pub(super) const fn gist(self) -> u64 {
        match self.kind {
            Kind::Date if !self.value.is_multiple_of(10_000) => self.value % 10_000,
            _ => self.value,
        }
    }

    /// The figure for people.
    pub(super) fn said(self) -> String {
        let thousandths = || {
            let (whole, rest) = (self.value / 1000, self.value % 1000);
            if rest == 0 {
                whole.to_string()
            } else {
                format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
            }
        };
        match self.kind {
            Kind::Number => thousandths(),
            Kind::Percent => format!("{}%", thousandths()),
            Kind::Long => self.value.to_string(),
            Kind::Time => format!("{}:{:02}", self.value / 60, self.value % 60),
            Kind::Date => {
                let (year, month, day) = (self.value / 10_000, self.value / 100 % 100, self.value % 100);
                let part = |value: u64, word: &str| {
                    if value == 0 { String::new() } else { format!("{value}{word}") }
                };
                format!("{}{}{}", part(year, "年"), part(month, "月"), part(day, "日"))
            }
        }
    }
}

/// A number as written: its value in thousandths and its digits.
#[derive(Debug, Clone, Copy)]
struct Number {
    thousandths: u64,
    /// Digits before the point; 0 for Chinese numerals.
    digits: usize,
    is_whole: bool,
}

impl Number {
    const fn whole(self) -> Option<u64> {
        if self.is_whole { Some(self.thousandths / 1000) } else { None }
    }
}

fn lexeme(text: &[char], last: Option<char>) -> Option<(Number, usize)> {
    let first = *text.first()?;
    if first.is_ascii_digit() { Some(arabic(text)) } else { chinese(text, last) }
}

/// `1`, `1,234`, `1.25`; of a row of digits and points only the first two parts.
fn arabic(text: &[char]) -> (Number, usize) {
    let digit = |at: usize| text.get(at).and_then(|c| c.to_digit(10)).map(u64::from);
    let (mut value, mut at, mut digits) = (0_u64, 0, 0);
    loop {
        if let Some(d) = digit(at) {
            value = value.wrapping_mul(10).wrapping_add(d);
            (at, digits) = (at + 1, digits + 1);
        } else if text.get(at) == Some(&',')
            && digits > 0
            && (1..=3).all(|i| digit(at + i).is_some())
            && digit(at + 4).is_none()
        {
            at += 1;
        } else {
            break;
        }
    }
    let mut thousandths = value.wrapping_mul(1000);
    let mut is_whole = true;
    let is_fraction = text.get(at) == Some(&'.') && digit(at + 1).is_some();
    if is_fraction && digits < 7 {
        is_whole = false;
        at += 1;
        let mut unit = 100;
        while let Some(d) = digit(at) {
            thousandths = thousandths.wrapping_add(d * unit);
            unit /= 10;
            at += 1;
        }
    }
    (Number { thousandths, digits, is_whole }, at)
}

fn chinese_digit(c: char) -> Option<u64> {
    DIGITS.iter().find(|(numeral, _)| *numeral == c).map(|&(_, value)| value)
}

const fn unit_of(c: char) -> Option<u64> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

/// `三`, `二十一`, `三千二百`, `二〇二六`. One numeral alone counts before a measure, and after `第`: the second
/// school is not the first.
fn chinese(text: &[char], last: Option<char>) -> Option<(Number, usize)> {
    let first = *text.first()?;
    if chinese_digit(first).is_none() && first != '十' {
        return None;
    }
    let most =
        text.iter().take(12).take_while(|&&c| chinese_digit(c).is_some() || unit_of(c).is_some()).count();
    // `六两` is a weight, `六点两个人` that lost a character no sixty-two.
    let is_counted = |at: usize| text.get(at + 1).is_some_and(|&c| unit_of(c).is_some());
    let length = (1..most).find(|&at| text.get(at) == Some(&'两') && !is_counted(at)).unwrap_or(most);
    let run = text.get(..length)?;
    let value = if run.iter().any(|&c| unit_of(c).is_some()) {
        let (mut sum, mut digit) = (0, None);
        for &c in run {
            match unit_of(c) {
                Some(unit) => sum += digit.take().unwrap_or(u64::from(unit == 10)) * unit,
                None => digit = chinese_digit(c),
            }
        }
        sum + digit.unwrap_or(0)
    } else {
        run.iter().fold(0, |sum: u64, &c| sum.wrapping_mul(10).wrapping_add(chinese_digit(c).unwrap_or(0)))
    };
    let counts =
        length > 1 || last == Some('第') || text.get(length).is_some_and(|&next| MEASURES.contains(next));
    counts.then_some((Number { thousandths: value.wrapping_mul(1000), digits: 0, is_whole: true }, length))
}

/// The whole number that begins here, with its length.
fn whole_at(text: &[char], at: usize) -> Option<(u64, usize)> {
    let (number, length) = lexeme(text.get(at..)?, None)?;
    Some((number.whole()?, at + length))
}

/// The number of one or two digits that begins here: `2026-11-2108:30`, once its blanks are gone, is read right.
fn part_at(text: &[char], at: usize) -> Option<(u64, usize)> {
    let digits: Vec<u64> =
        text.get(at..)?.iter().take(2).map_while(|c| c.to_digit(10)).map(u64::from).collect();
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + digit);
    (!digits.is_empty()).then_some((value, at + digits.len()))
}

/// Whether a time of day begins here.
fn is_time(text: &[char], at: usize) -> bool {
    part_at(text, at).is_some_and(|(_, end)| text.get(end) == Some(&':'))
}

fn date(text: &[char], number: Number, length: usize, last: Option<char>) -> Option<(Figure, usize)> {
    let found = |year: u64, month: u64, day: u64, end: usize| {
        let is_date = month <= 12 && day <= 31;
        is_date.then_some((Figure { kind: Kind::Date, value: year * 10_000 + month * 100 + day }, end))
    };
    let next = text.get(length).copied();
    let Some(first) = number.whole() else { return pointed_date(text, length) };
    let is_year = (1900..2100).contains(&first);
    match next {
        Some('年') if is_year => {
            let Some((month, end)) =
                whole_at(text, length + 1).filter(|&(_, end)| text.get(end) == Some(&'月'))
            else {
                return found(first, 0, 0, length + 1);
            };
            match day_at(text, end + 1) {
                Some((day, end)) => found(first, month, day, end),
                None => found(first, month, 0, end + 1),
            }
        }
        Some('月') if (1..=12).contains(&first) => match day_at(text, length + 1) {
            Some((day, end)) => found(0, first, day, end),
            None => found(0, first, 0, length + 1),
        },
        Some('日') if (1..=31).contains(&first) => found(0, 0, first, length + 1),
        Some('号') if (1..=31).contains(&first) => {
            let is_other = last
                .is_some_and(|c| matches!(c, '第' | '〕' | ']' | ')') || c.is_ascii_alphanumeric())
                || text.get(length + 1).is_some_and(|&c| NOT_A_DAY.contains(c));
            if is_other { None } else { found(0, 0, first, length + 1) }
        }
        Some(mark @ ('-' | '/')) if number.digits > 0 => {
            let (second, end) = part_at(text, length + 1)?;
            if is_year && text.get(end) == Some(&mark) {
                let (day, end) = part_at(text, end + 1)?;
                return found(first, second, day, end);
            }
            let is_day = end - length == 3 && (1..=12).contains(&first) && (1..=31).contains(&second);
            let goes_on = !is_time(text, end)
                && text
                    .get(end)
                    .is_some_and(|&c| c.is_ascii_alphanumeric() || c == mark || UNITS.contains(c));
            let is_inside = last.is_some_and(|c| c.is_ascii_alphanumeric() || c == mark);
            if is_day && !goes_on && !is_inside { found(0, first, second, end) } else { None }
        }
        _ => None,
    }
}

/// The day after `月`, with `日` or `号` when they stand there.
fn day_at(text: &[char], at: usize) -> Option<(u64, usize)> {
    let (day, end) = whole_at(text, at)?;
    match text.get(end) {
        Some('日' | '号') => Some((day, end + 1)),
        _ => None,
    }
}

/// `2026.11.21`, and `11.21` unless a unit says that it is a quantity.
fn pointed_date(text: &[char], length: usize) -> Option<(Figure, usize)> {
    let written: String = text.iter().take(length).collect();
    let (a, b) = written.split_once('.')?;
    let (first, second): (u64, u64) = (a.parse().ok()?, b.parse().ok()?);
    let next = text.get(length).copied();
    if (1900..2100).contains(&first) && (1..=12).contains(&second) && next == Some('.') {
        let (day, end) = part_at(text, length + 1)?;
        return (day <= 31)
            .then_some((Figure { kind: Kind::Date, value: first * 10_000 + second * 100 + day }, end));
    }
    let is_day = b.len() == 2 && (1..=12).contains(&first) && (1..=31).contains(&second);
    if !is_day || next.is_some_and(|c| UNITS.contains(c) || c == '.') {
        return None;
    }
    Some((Figure { kind: Kind::Date, value: first * 100 + second }, length))
}

/// `8:30`, `8时30分`, `8点半`, `8点`.
fn time(text: &[char], number: Number, length: usize) -> Option<(Figure, usize)> {
    let hours = number.whole().filter(|&hours| hours <= 24)?;
    let mark = *text.get(length)?;
    let found = |minutes: u64, end: usize| {
        (minutes < 60).then_some((Figure { kind: Kind::Time, value: hours * 60 + minutes }, end))
    };
    match mark {
        ':' => {
            let (minutes, end) = whole_at(text, length + 1).filter(|&(_, end)| end == length + 3)?;
            let end = match (text.get(end), whole_at(text, end + 1)) {
                (Some(':'), Some((_, seconds))) => seconds,
                _ => end,
            };
            found(minutes, end)
        }
        '时' | '点' => {
            if text.get(length + 1) == Some(&'半') {
                return found(30, length + 2);
            }
            match whole_at(text, length + 1) {
                Some((minutes, end)) if minutes < 60 && is_minutes(text, minutes, end) => {
                    found(minutes, end + usize::from(text.get(end) == Some(&'分')))
                }
                _ => found(0, length + 1),
            }
        }
        _ => None,
    }
}

/// Whether what stands after the hour is its minutes: `8点15`, `8点5分`, never `8点` and `12户` of the next line.
fn is_minutes(text: &[char], minutes: u64, end: usize) -> bool {
    match text.get(end) {
        Some('分') => true,
        next => minutes >= 10 && !next.is_some_and(|&c| MEASURES.contains(c)),
    }
}

/// A number with `万`, `亿` and the like, a share, or a long row of digits.
fn plain(text: &[char], number: Number, length: usize) -> (Figure, usize) {
    let Number { mut thousandths, digits, .. } = number;
    if digits >= 7 {
        return (Figure { kind: Kind::Long, value: thousandths / 1000 }, length);
    }
    let mut end = length;
    while let Some(&c) = text.get(end) {
        let factor = match c {
            '百' if digits > 0 => 100,
            '千' if digits > 0 && !matches!(text.get(end + 1), Some('克' | '米' | '瓦')) => 1000,
            '万' => 10_000,
            'w' if digits > 0 && !text.get(end + 1).is_some_and(char::is_ascii_alphanumeric) => 10_000,
            '亿' => 100_000_000,
            _ => break,
        };
        thousandths = thousandths.wrapping_mul(factor);
        end += 1;
    }
    if text.get(end) == Some(&'%') {
        return (Figure { kind: Kind::Percent, value: thousandths }, end + 1);
    }
    (Figure { kind: Kind::Number, value: thousandths }, end)
}

/// `百分之三十`.
pub(super) fn percent_in_words(text: &[char]) -> Option<(Figure, usize)> {
    if !text.starts_with(&['百', '分', '之']) {
        return None;
    }
    let (number, length) = lexeme(text.get(3..)?, None)?;
    Some((Figure { kind: Kind::Percent, value: number.thousandths }, 3 + length))
}
