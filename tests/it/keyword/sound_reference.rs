//! Words by sound against a slow reading of the rule, on random texts of a small alphabet; and what natural text
//! costs in false alarms.

use std::collections::BTreeSet;

use proptest::prelude::*;
use yuqing::model::Certainty;

use super::matcher;

/// The alphabet: what each character of a word may be written as, by hand and independent of the tables.
struct Written {
    c: char,
    sounds: &'static [char],
    syllables: &'static [&'static str],
    initials: &'static [&'static str],
    parts: &'static [[char; 2]],
}

const WRITTEN: [Written; 4] = [
    Written {
        c: '强',
        sounds: &['墙'],
        syllables: &["qiang", "jiang"],
        initials: &["q", "j"],
        parts: &[['弓', '虽']],
    },
    Written {
        c: '拆',
        sounds: &['柴', '差', '斥'],
        syllables: &["chai", "ca", "che", "chi"],
        initials: &["c", "ch"],
        parts: &[['扌', '斥'], ['手', '斥'], ['才', '斥']],
    },
    Written {
        c: '讨',
        sounds: &['套'],
        syllables: &["tao"],
        initials: &["t"],
        parts: &[['讠', '寸'], ['言', '寸']],
    },
    Written {
        c: '薪',
        sounds: &['新'],
        syllables: &["xin"],
        initials: &["x"],
        parts: &[['艹', '新'], ['草', '新']],
    },
];

/// Everything that may stand at a place for a character: one past its end; whether it is the character itself,
/// whether that proves the word, whether it is a first letter (and which).
#[derive(Clone, Copy)]
struct Way {
    end: usize,
    itself: bool,
    kept: bool,
    own: bool,
    initial: Option<char>,
}

fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '、')
}

/// Past the marks at a place when there are so few; the place itself otherwise.
fn over(text: &[char], at: usize, widest: usize) -> usize {
    let marks = text[at..].iter().take_while(|c| is_mark(**c)).count();
    if marks <= widest { at + marks } else { at }
}

fn ways(written: &Written, text: &[char], at: usize, widest: usize) -> Vec<Way> {
    let mut all = Vec::new();
    let starts = |word: &str| text[at..].iter().copied().take(word.len()).eq(word.chars());
    let way = |end, itself, kept, own, initial| Way { end, itself, kept, own, initial };
    if at >= text.len() {
        return all;
    }
    if text[at] == written.c {
        all.push(way(at + 1, true, true, true, None));
    }
    if written.sounds.contains(&text[at]) {
        all.push(way(at + 1, false, false, false, None));
    }
    for parts in written.parts {
        if text[at] == parts[0] {
            let next = over(text, at + 1, widest);
            if text.get(next) == Some(&parts[1]) {
                all.push(way(next + 1, false, true, true, None));
            }
        }
    }
    for syllable in written.syllables {
        if starts(syllable) {
            let end = at + syllable.len();
            let kept = syllable.len() >= 3;
            all.push(way(end, false, kept, false, None));
            let tone = matches!(text.get(end), Some('1'..='5'))
                && !text.get(end + 1).is_some_and(char::is_ascii_digit);
            if tone {
                all.push(way(end + 1, false, kept, false, None));
            }
        }
    }
    for initial in written.initials {
        if starts(initial) {
            all.push(way(at + initial.len(), false, false, false, initial.chars().next()));
        }
    }
    all
}

/// Every way through the whole word from a place on.
fn paths(word: &[&Written], text: &[char], at: usize, widest: usize) -> Vec<Vec<Way>> {
    let Some((first, rest)) = word.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for way in ways(first, text, at, widest) {
        let next = if rest.is_empty() { way.end } else { over(text, way.end, widest) };
        for mut path in paths(rest, text, next, widest) {
            path.insert(0, way);
            all.push(path);
        }
    }
    all
}

fn proves(path: &[Way]) -> bool {
    let long = path.len() >= 4;
    let own = path.iter().any(|way| way.own);
    let initials: Vec<char> = path.iter().filter_map(|way| way.initial).collect();
    let fair =
        initials.is_empty() || (own && !initials.contains(&'x')) || (long && initials.len() == path.len());
    !path.iter().all(|way| way.itself) && (long || path.iter().any(|way| way.kept)) && fair
}

fn slow(word: &str, text: &[char]) -> BTreeSet<(usize, usize, Certainty)> {
    let word: Vec<&Written> =
        word.chars().map(|c| WRITTEN.iter().find(|written| written.c == c).unwrap()).collect();
    let widest = if word.len() == 2 { 1 } else { 3 };
    let latin = |at: usize| text.get(at).is_some_and(char::is_ascii_alphanumeric);
    let mut sure = BTreeSet::new();
    let mut sounded: Vec<(usize, usize)> = Vec::new();
    for start in 0..text.len() {
        let free_before = !(latin(start) && start > 0 && latin(start - 1));
        let paths = paths(&word, text, start, widest);
        for path in &paths {
            if path.iter().all(|way| way.itself) {
                let end = path.last().unwrap().end;
                let gap = end - start > word.len();
                sure.insert((start, end, if gap { Certainty::Gap } else { Certainty::Exact }));
            }
        }
        let ends = paths.iter().filter(|path| proves(path)).map(|path| path.last().unwrap().end);
        let free = ends.filter(|end| free_before && !(latin(end - 1) && latin(*end)));
        sounded.extend(free.max().map(|end| (start, end)));
    }
    let mut all = sure.clone();
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for (start, end) in sounded {
        let over_sure = sure.iter().any(|(from, to, _)| *from < end && start < *to);
        let inside = kept.iter().any(|(from, to)| *from <= start && end <= *to);
        if !over_sure && !inside {
            kept.push((start, end));
            all.insert((start, end, Certainty::Homophone));
        }
    }
    all
}

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "强", "墙", "弓", "虽", "拆", "柴", "差", "扌", "手", "斥", "讨", "套", "讠", "言", "寸", "薪", "新",
        "艹", "草", "qiang", "jiang", "chai", "ca", "tao", "xin", "q", "c", "ch", "t", "x", "1", "7", " ",
        "、", "，", "的", "z",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn sound_matching_agrees_with_the_rule(
        words in prop::collection::btree_set("[强拆讨薪]{2,4}", 1..4),
        text in text(),
    ) {
        let chars: Vec<char> = text.chars().collect();
        let file: String = words.iter().map(|word| format!("谐音: 是\n{word}\n\n")).collect();
        let mut expected = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let line = u32::try_from(at * 3 + 2).unwrap();
            expected.extend(slow(word, &chars).into_iter().map(|(start, end, sure)| (line, start, end, sure)));
        }
        let hits = matcher(&file).hits(&text, "");
        let mut got: Vec<_> =
            hits.iter().map(|hit| (hit.line, hit.start as usize, hit.end as usize, hit.certainty)).collect();
        got.sort();
        prop_assert_eq!(got, expected, "{:?} in {:?}", words, text);
    }

    #[test]
    fn any_text_is_taken_by_sound(text in "[强墙弓虽拆a-zāǎü1-5 、\\PC]{0,40}") {
        let hits = matcher("谐音: 是\n强拆\n315晚会\n+讨薪\n\n谐音: 是\n市医院\n旅馆\n").hits(&text, "");
        let length = text.chars().count();
        prop_assert!(hits.iter().all(|hit| hit.start < hit.end && hit.end as usize <= length));
    }
}
