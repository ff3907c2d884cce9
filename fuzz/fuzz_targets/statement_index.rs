//! The index of statements, whatever the texts: it never panics; `holds` says what `find` says; what is found is alike
//! to a core by the one decision; equal texts are found; the order of arrival changes nothing; removing leaves no trace;
//! the best find is among all finds, and a passage has no sides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yuqing::{
    desk::statement::{Cores, Fingerprint, Index, Masks, are_opposed, compare, same_passage},
    model::IncidentId,
    text::fold,
};

fuzz_target!(|text: &str| {
    // Texts are parted by a bell; the first one is a masked word.
    let mut parts = text.split('\u{7}');
    let masks = Masks::of(parts.next());
    let texts: Vec<&str> = parts.take(12).collect();
    let prints: Vec<Fingerprint> =
        texts.iter().map(|text| Fingerprint::masked(&fold(text).text, &masks)).collect();
    let (mut index, mut backwards) = (Index::default(), Index::default());
    let ids = || (1..).map(IncidentId);
    for (id, print) in ids().zip(&prints) {
        index.insert(id, print.clone());
    }
    for (id, print) in ids().zip(&prints).collect::<Vec<_>>().into_iter().rev() {
        backwards.insert(id, print.clone());
    }
    for (text, print) in texts.iter().zip(&prints) {
        let found = index.find(print);
        assert_eq!(found, backwards.find(print), "the order of arrival");
        assert_eq!(index.holds(&fold(text).text, &masks), found.is_some());
        assert_eq!(found.is_some(), print.is_comparable(), "each text is its own copy");
        if let Some(found) = found {
            let at = usize::try_from(found.incident.0 - 1).unwrap_or(usize::MAX);
            let core = prints.get(at).expect("a core that was put in");
            let compared = compare(print, core);
            assert!(compared.joins());
            assert!((compared.likeness - found.likeness).abs() < f64::EPSILON);
        }
    }
    let mut cores = Cores::default();
    for (id, print) in ids().zip(&prints) {
        cores.insert(id, print.clone());
    }
    for text in &prints {
        let all = cores.find_all(text);
        assert!(cores.find(text).is_none_or(|best| all.contains(&best)));
        for (one, other) in prints.iter().zip(prints.iter().skip(1)) {
            assert_eq!(same_passage(text, one, other), same_passage(text, other, one));
            let _ = are_opposed(one, other);
        }
    }
    for (id, _) in ids().zip(&prints) {
        index.remove(id);
    }
    assert!(index.is_empty() && index.n_ways() == 0);
});
