//! How characters sound: the syllables of a Han character without their tones, all its readings, and how
//! syllables are written in Latin letters.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use pinyin::ToPinyinMulti;

/// A syllable of Mandarin without its tone; a small number that stays the same while the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Syllable(u16);

impl Syllable {
    /// Its number, below [`n_syllables`].
    #[must_use]
    pub fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Its letters, all of `a` to `z`; `v` is written for ü.
    #[must_use]
    pub fn letters(self) -> &'static str {
        TABLE.letters.get(self.number()).copied().unwrap_or_default()
    }
}

/// First and last of the characters whose readings are kept: the two blocks that folded texts use.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

struct Table {
    letters: Vec<&'static str>,
    by_letters: HashMap<&'static str, Syllable>,
    /// Readings of all characters, one after the other.
    readings: Vec<Syllable>,
    /// For each character from [`FIRST`] on, where its readings begin; one more closes the last.
    begins: Vec<u32>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Self {
        let spelled: Vec<Vec<&'static str>> =
            (FIRST..=LAST).map(|code| char::from_u32(code).map(spellings).unwrap_or_default()).collect();
        // Numbers by the alphabet, so that they do not hang on the order of the characters.
        let mut by_letters: BTreeMap<&'static str, Syllable> = BTreeMap::new();
        for letters in spelled.iter().flatten() {
            by_letters.insert(letters, Syllable(0));
        }
        for (number, syllable) in (0..).zip(by_letters.values_mut()) {
            *syllable = Syllable(number);
        }
        let mut table = Self {
            letters: by_letters.keys().copied().collect(),
            by_letters: HashMap::new(),
            readings: Vec::new(),
            begins: Vec::with_capacity(spelled.len() + 1),
        };
        for letters in spelled {
            table.begins.push(u32::try_from(table.readings.len()).unwrap_or(u32::MAX));
            table.readings.extend(letters.iter().filter_map(|letters| by_letters.get(letters)));
        }
        table.begins.push(u32::try_from(table.readings.len()).unwrap_or(u32::MAX));
        table.by_letters = by_letters.into_iter().collect();
        table
    }

    fn place(&self, at: usize) -> Option<usize> {
        self.begins.get(at).and_then(|&begin| usize::try_from(begin).ok())
    }
}

/// All readings of a character in letters, each once.
fn spellings(c: char) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let Some(letters) = in_ascii(reading.plain()) else { continue };
        if !all.contains(&letters) {
            all.push(letters);
        }
    }
    all
}

/// With `v` for ü, as it is typed. Sounds without a vowel (嗯, 呣) are no syllables.
fn in_ascii(plain: &'static str) -> Option<&'static str> {
    let letters = match plain {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        other => other,
    };
    let ascii = letters.bytes().all(|b| b.is_ascii_lowercase());
    (ascii && letters.contains(['a', 'e', 'i', 'o', 'u', 'v'])).then_some(letters)
}

/// How many syllables there are, somewhat over four hundred.
#[must_use]
pub fn n_syllables() -> usize {
    TABLE.letters.len()
}

/// All readings of a folded Han character, the usual one first; none when it is not known to have any.
#[must_use]
pub fn readings(c: char) -> &'static [Syllable] {
    let table = &*TABLE;
    let range = u32::from(c)
        .checked_sub(FIRST)
        .and_then(|at| usize::try_from(at).ok())
        .and_then(|at| Some(table.place(at)?..table.place(at + 1)?));
    range.and_then(|range| table.readings.get(range)).unwrap_or_default()
}

/// Whether two Han characters share a reading.
#[must_use]
pub fn sound_alike(a: char, b: char) -> bool {
    let others = readings(b);
    readings(a).iter().any(|reading| others.contains(reading))
}

/// The syllable that these letters are; `lyu` and `nyu` count as `lv` and `nv`.
#[must_use]
pub fn syllable(letters: &str) -> Option<Syllable> {
    let letters = match letters {
        "lyu" => "lv",
        "nyu" => "nv",
        "lue" => "lve",
        "nue" => "nve",
        other => other,
    };
    TABLE.by_letters.get(letters).copied()
}

/// A folded letter without its tone mark, ü as `v`; `None` when it is no letter of pinyin.
#[must_use]
pub const fn plain_letter(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' => c,
        'ā' | 'á' | 'ǎ' | 'ă' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        _ => return None,
    })
}

/// Characters that stand everywhere for themselves, so that they tell nothing when they stand where another
/// of their sound is looked for (是 for 市, 一 for 医).
#[must_use]
pub fn is_everywhere(c: char) -> bool {
    EVERYWHERE.contains(c)
}

/// Particles, pronouns, numerals, directions and the commonest verbs.
const EVERYWHERE: &str = "的地得了着过是在有和与及或不没无未也都就还又再才很太最更只\
    我你您他她它们这那哪谁什么怎一二三四五六七八九十百千万亿两几个些每各某之其以而且但因为由从到向对于把被让给\
    用将会能要可说去来上下里中大小多少人年月日时分已所现并至该此请如若则即吗吧呢啊呀嘛哦";
