//! Characters written as their parts (拆字): 弓虽 for 强, 讠寸 or 言寸 for 讨.
//!
//! Parts that a keyboard offers only as radicals are written with the whole character too (言 for 讠, 人 for
//! 亻). Everything here is compared after folding.

use std::{collections::HashMap, sync::LazyLock};

use super::split_table::CHARACTERS_AND_PARTS;

/// The ways to write each character in parts.
static SPLITS: LazyLock<HashMap<char, Vec<Box<[char]>>>> = LazyLock::new(|| {
    let mut splits: HashMap<char, Vec<Box<[char]>>> = HashMap::new();
    for (whole, parts) in entries() {
        splits.entry(whole).or_default().push(parts.collect());
    }
    splits
});

fn entries() -> impl Iterator<Item = (char, std::str::Chars<'static>)> {
    CHARACTERS_AND_PARTS.split_whitespace().filter_map(|entry| {
        let mut chars = entry.chars();
        Some((chars.next()?, chars))
    })
}

/// The ways to write a folded character in parts, each at least two; none when it is not in the table.
#[must_use]
pub fn splits(whole: char) -> &'static [Box<[char]>] {
    SPLITS.get(&whole).map_or(&[], Vec::as_slice)
}

/// Every character that can be written in parts, with its parts, in the order of the table.
pub fn all_splits() -> impl Iterator<Item = (char, Vec<char>)> {
    entries().map(|(whole, parts)| (whole, parts.collect()))
}

/// The whole character that people type for a part; itself when there is none.
#[must_use]
pub const fn written_for(part: char) -> char {
    match part {
        '讠' => '言',
        '亻' => '人',
        '氵' => '水',
        '扌' => '手',
        '忄' => '心',
        '钅' => '金',
        '纟' => '丝',
        '饣' => '食',
        '衤' => '衣',
        '礻' => '示',
        '犭' => '犬',
        '刂' => '刀',
        '艹' => '草',
        '辶' => '走',
        '灬' => '火',
        '疒' => '病',
        '阝' => '耳',
        '攵' => '文',
        '王' => '玉',
        '罒' => '四',
        other => other,
    }
}

/// Whether a character stands for a part of a split character.
#[must_use]
pub fn stands_for_part(c: char, part: char) -> bool {
    c == part || c == written_for(part) || (part == '扌' && c == '才')
}
