//! Why two texts are or are not one statement, in parts that a person can check: what was compared of each,
//! what both share, and what each guard found on either side. It decides nothing: [`compare`] does.

use super::{Comparison, Difference, Fingerprint, Index, compare, refutes};
use crate::{locale::Locale, model::IncidentId, text::fold};

/// Stands for a masked word where the compared text is shown.
pub const MASKED: &str = "▢";

/// Share of the shorter text that must stand in the other.
pub const LEAST_LIKENESS: f64 = super::fingerprint::CONTAINED;
/// Texts with fewer informative characters are not compared.
pub const LEAST_INFORMATIVE: usize = super::fingerprint::INFORMATIVE;

/// One of the two texts, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The text after folding, without boilerplate, masked words shown as [`MASKED`].
    pub text: String,
    /// Its informative characters.
    pub informative: usize,
    /// Its anchors.
    pub anchors: usize,
}

impl Compared {
    fn of<'a>(print: &Fingerprint, words: impl Iterator<Item = &'a str>) -> Self {
        let mut text = print.folded.clone();
        let mut masks: Vec<String> =
            words.map(|word| fold(word).text).filter(|word| !word.is_empty()).collect();
        masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
        for mask in masks {
            text = text.replace(&mask, MASKED);
        }
        Self { text, informative: print.informative, anchors: print.anchors.len() }
    }
}

/// What a guard looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardKind {
    /// Figures.
    Numbers,
    /// Places and institutions.
    Places,
    /// Whether one refutes the other.
    Refutation,
}

impl GuardKind {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Places => "places",
            Self::Refutation => "refutation",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self, locale: Locale) -> &'static str {
        match self {
            Self::Numbers => locale.pick("数字", "numbers"),
            Self::Places => locale.pick("地点或单位", "places"),
            Self::Refutation => locale.pick("辟谣用语", "refutation"),
        }
    }
}

/// What a guard found in each text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// What it looks at.
    pub kind: GuardKind,
    /// In the first text.
    pub ours: Vec<String>,
    /// In the second.
    pub theirs: Vec<String>,
}

/// How a text compares with the core of a statement, with what was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The text.
    pub text: Compared,
    /// The core.
    pub core: Compared,
    /// Their comparison.
    pub comparison: Comparison,
    /// Whether the index would find the core for the text: one with too few common anchors is not looked at.
    pub is_candidate: bool,
    /// What each guard found.
    pub guards: Vec<Guard>,
}

impl Explanation {
    /// What tells the two apart, with the core's wording first if asked for.
    #[must_use]
    pub fn difference(&self, core_first: bool) -> Option<Difference> {
        let difference = self.comparison.difference.clone()?;
        Some(if core_first { swapped(difference) } else { difference })
    }
}

fn swapped(difference: Difference) -> Difference {
    use Difference::{Dates, Names, Negation, Numbers, Places, Refuted, Wording};
    match difference {
        Numbers { ours, theirs } => Numbers { ours: theirs, theirs: ours },
        Dates { ours, theirs } => Dates { ours: theirs, theirs: ours },
        Places { ours, theirs } => Places { ours: theirs, theirs: ours },
        Names { ours, theirs } => Names { ours: theirs, theirs: ours },
        Negation { ours, theirs } => Negation { ours: theirs, theirs: ours },
        Wording { ours, theirs } => Wording { ours: theirs, theirs: ours },
        Refuted { word } => Refuted { word },
    }
}

/// Explains how `text` compares with `core`, each masked with its own words as the desk does.
#[must_use]
pub fn explain<'a>(
    text: &str,
    text_words: impl Iterator<Item = &'a str> + Clone,
    core: &str,
    core_words: impl Iterator<Item = &'a str> + Clone,
) -> Explanation {
    let (print, core_print) =
        (Fingerprint::of(text, text_words.clone()), Fingerprint::of(core, core_words.clone()));
    let comparison = compare(&print, &core_print);
    let mut index = Index::default();
    index.insert(IncidentId(1), core_print.clone());
    Explanation {
        text: Compared::of(&print, text_words),
        core: Compared::of(&core_print, core_words),
        is_candidate: !comparison.joins() || index.find(&print).is_some(),
        guards: guards(&print, &core_print),
        comparison,
    }
}

fn guards(text: &Fingerprint, core: &Fingerprint) -> Vec<Guard> {
    let denial = |one: &Fingerprint, other: &Fingerprint| -> Vec<String> {
        refutes(one, other).then(|| "…".to_owned()).into_iter().collect()
    };
    let guard = |kind, ours: Vec<String>, theirs: Vec<String>| Guard { kind, ours, theirs };
    vec![
        guard(
            GuardKind::Numbers,
            text.numbers.iter().cloned().collect(),
            core.numbers.iter().cloned().collect(),
        ),
        guard(GuardKind::Places, text.places.clone(), core.places.clone()),
        guard(GuardKind::Refutation, denial(text, core), denial(core, text)),
    ]
}
