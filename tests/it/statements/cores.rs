//! Cores that are copied while they change answer as one plain index would, and a copy stays as it was.

use yuqing::{
    desk::statement::{Cores, Fingerprint, Index, Masks, compare},
    model::IncidentId,
};

/// A text that no other number shares, of a length that is indexed in part.
fn text(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from_u32(0x4e00 + u32::try_from(state % 5_000).unwrap())
    };
    std::iter::repeat_with(next).take(70).flatten().collect()
}

fn print(number: u64) -> Fingerprint {
    Fingerprint::of(&text(number), [])
}

fn answers(cores: &Cores, prints: &[Fingerprint]) -> Vec<Option<IncidentId>> {
    prints.iter().map(|print| cores.find(print).map(|found| found.incident)).collect()
}

#[test]
fn copies_share_and_answer_as_one_index() {
    let (mut cores, mut plain) = (Cores::default(), Index::default());
    let mut copies: Vec<(Cores, Vec<Option<IncidentId>>)> = Vec::new();
    let mut prints = Vec::new();
    for n in 0..400 {
        prints.push(print(n));
        let id = IncidentId(n);
        cores.insert(id, print(n));
        plain.insert(id, print(n));
        if n % 3 == 2 {
            // An old one goes, a new one goes, and one comes back under the same number.
            for gone in [n / 2, n - 1] {
                cores.remove(IncidentId(gone));
                plain.remove(IncidentId(gone));
            }
            cores.insert(IncidentId(n / 2), print(n - 1));
            plain.insert(IncidentId(n / 2), print(n - 1));
        }
        if n % 7 == 0 {
            let want: Vec<_> =
                prints.iter().map(|print| plain.find(print).map(|found| found.incident)).collect();
            assert_eq!(answers(&cores, &prints), want, "after {n}");
            if n % 49 == 0 {
                copies.push((cores.clone(), want));
            }
            if n % 98 == 0 {
                // Nobody reads an older copy any more.
                copies.drain(..copies.len().saturating_sub(2));
            }
        }
    }
    for (copy, want) in &copies {
        let before = prints.get(..want.len()).unwrap_or_default();
        assert_eq!(&answers(copy, before), want, "a copy stays as it was");
    }
    let masks = Masks::default();
    for n in 0..400 {
        assert_eq!(cores.holds(&text(n), &masks), plain.holds(&text(n), &masks), "{n}");
    }
    assert!((0..400).any(|n| cores.holds(&text(n), &masks)));
    assert!(!cores.holds(&text(1_000), &masks));
}

/// So many characters that no other number draws.
fn drawn(number: u64, length: usize) -> String {
    (0..).flat_map(|part| text(number * 1_000 + part).chars().collect::<Vec<_>>()).take(length).collect()
}

/// A sample of a long text says no only where the comparison would.
#[test]
fn a_long_text_is_found_by_an_index_exactly_when_it_compares_as_the_same() {
    let (mut joined, mut strangers) = (0, 0);
    for number in 0..600_u64 {
        let step = |most: u64, salt: u64| usize::try_from((number * 7_919 + salt * 104_729) % most).unwrap();
        let (length, own) = (300 + step(1_700, 1), step(1_500, 2));
        // From a tenth of the core to all of it, at a stretch, with the text's own words before or behind.
        let shared = length * (10 + step(91, 3)) / 100;
        let core = drawn(2 * number, length);
        let (part, own): (String, String) = (core.chars().take(shared).collect(), drawn(2 * number + 1, own));
        let text = if number % 2 == 0 { part + &own } else { own + &part };
        let (core, print) = (Fingerprint::of(&core, []), Fingerprint::of(&text, []));
        let mut index = Index::default();
        let compared = compare(&print, &core).joins();
        index.insert(IncidentId(1), core);
        assert_eq!(index.find(&print).is_some(), compared, "{number}");
        assert_eq!(index.holds(&yuqing::text::fold(&text).text, &Masks::default()), compared, "{number}");
        if compared { joined += 1 } else { strangers += 1 }
    }
    assert!(joined > 100 && strangers > 100, "{joined} {strangers}");
}
