//! The hand-written tables: variants, sounds, parts.

use std::collections::BTreeSet;

use yuqing::text::{
    all_splits, fold, is_everywhere, readings, sound_alike, splits, stands_for_part, syllable, variant,
    written_for,
};

fn folded(c: char) -> String {
    fold(&c.to_string()).text
}

#[test]
fn variants_lead_to_folded_characters() {
    let all: Vec<(char, char)> = ('\0'..='\u{3FFFD}').filter_map(|c| Some((c, variant(c)?))).collect();
    assert!(all.len() > 400, "{}", all.len());
    for (from, to) in all {
        assert!(folded(from) == folded(to) && folded(to) == to.to_string(), "{from} to {to}: {}", folded(to));
    }
}

#[test]
fn parts_are_written_as_they_stand_after_folding() {
    let all: Vec<(char, Vec<char>)> = all_splits().collect();
    let wholes: BTreeSet<char> = all.iter().map(|(whole, _)| *whole).collect();
    assert!(wholes.len() >= 1_000, "{}", wholes.len());
    let mut seen = BTreeSet::new();
    for (whole, parts) in &all {
        assert!(parts.len() >= 2 && !parts.contains(whole), "{whole}");
        assert!(seen.insert((whole, parts)), "{whole} twice");
        for c in parts.iter().chain([whole]) {
            assert_eq!(folded(*c), c.to_string(), "in {whole}");
        }
    }
    assert_eq!(splits('强').len(), 2);
    assert!(splits('一').is_empty());
    assert!(stands_for_part('言', '讠') && stands_for_part('才', '扌') && !stands_for_part('才', '讠'));
    assert_eq!(written_for('木'), '木');
}

#[test]
fn all_readings_of_a_character_count() {
    let letters = |c| readings(c).iter().map(|reading| reading.letters()).collect::<Vec<_>>();
    for (c, expected) in [('重', "chong"), ('重', "zhong"), ('行', "hang"), ('行', "xing"), ('绿', "lv")]
    {
        assert!(letters(c).contains(&expected), "{c}: {:?}", letters(c));
    }
    for c in '\u{4E00}'..='\u{9FA5}' {
        let letters = letters(c);
        let distinct: BTreeSet<_> = letters.iter().collect();
        assert_eq!(distinct.len(), letters.len(), "{c}");
        assert!(letters.iter().all(|l| l.len() <= 6 && l.bytes().all(|b| b.is_ascii_lowercase())), "{c}");
        assert!(letters.iter().all(|l| syllable(l).is_some()), "{c}");
    }
    assert!(letters('a').is_empty() && letters('。').is_empty());
    assert!(sound_alike('墙', '强') && sound_alike('讨', '套') && !sound_alike('强', '拆'));
    assert!(is_everywhere('是') && !is_everywhere('墙'));
    assert_eq!(syllable("lyu"), syllable("lv"));
    assert_eq!(syllable("qiangx"), None);
}
