//! Why two texts are or are not one statement, in parts that a person can check: what was compared of each,
//! what both share, and what each guard found on either side. It decides nothing: [`mod@compare`] does.

use super::{
    Comparison, Difference, Fingerprint, Index, compare,
    compare::CONTAINED,
    figure::Kind,
    fingerprint::{INFORMATIVE, MASK, anchors, sought},
};
use crate::{locale::Locale, model::IncidentId};

/// Stands for a masked word where the compared text is shown.
pub const MASKED: &str = "▢";
/// Share of the shorter text that must stand in the other.
pub const LEAST_LIKENESS: f64 = CONTAINED;
/// Texts with fewer informative characters are not compared.
pub const LEAST_INFORMATIVE: usize = INFORMATIVE;

/// One of the two texts, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its characters that tell something, after folding, without boilerplate, figures as values, masked words shown as
    /// [`MASKED`].
    pub text: String,
    /// Its informative characters.
    pub informative: usize,
    /// Anchors by which it looks for others, or, of the core, by which it is found.
    pub anchors: usize,
}

impl Compared {
    fn of(print: &Fingerprint, anchors: &[u32]) -> Self {
        let tokens = &print.tokens;
        let shown = |at: usize, token: u32| {
            if token == MASK { MASKED.to_owned() } else { print.words(at, at.saturating_add(1)) }
        };
        Self {
            text: tokens.iter().enumerate().map(|(at, &token)| shown(at, token)).collect(),
            informative: print.informative,
            anchors: anchors.len(),
        }
    }
}

/// What a guard looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardKind {
    /// Figures.
    Numbers,
    /// Dates and times of day.
    Dates,
    /// Places and institutions; only those that differ.
    Places,
    /// Persons; only those that differ.
    Names,
    /// What one denies and the other says.
    Negation,
    /// Matter that differs in a frame that is the same.
    Wording,
    /// The word by which one refutes something.
    Refutation,
}

impl GuardKind {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Dates => "dates",
            Self::Places => "places",
            Self::Names => "names",
            Self::Negation => "negation",
            Self::Wording => "wording",
            Self::Refutation => "refutation",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self, locale: Locale) -> &'static str {
        match self {
            Self::Numbers => locale.pick("数字", "numbers"),
            Self::Dates => locale.pick("日期和时刻", "dates and times"),
            Self::Places => locale.pick("地点或单位", "places"),
            Self::Names => locale.pick("人名", "names"),
            Self::Negation => locale.pick("否定", "negation"),
            Self::Wording => locale.pick("内容", "matter"),
            Self::Refutation => locale.pick("辟谣用语", "refutation"),
        }
    }

    /// Whether it names only what differs between two texts, not all that a text holds.
    #[must_use]
    pub const fn names_differences(self) -> bool {
        matches!(self, Self::Places | Self::Names | Self::Negation | Self::Wording)
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
    text_words: impl Iterator<Item = &'a str>,
    core: &str,
    core_words: impl Iterator<Item = &'a str>,
) -> Explanation {
    let (print, core_print) = (Fingerprint::of(text, text_words), Fingerprint::of(core, core_words));
    let comparison = compare(&print, &core_print);
    let mut index = Index::default();
    index.insert(IncidentId(1), core_print.clone());
    Explanation {
        text: Compared::of(&print, &sought(&print.tokens)),
        core: Compared::of(&core_print, &anchors(&core_print.tokens)),
        is_candidate: !comparison.joins() || index.find(&print).is_some(),
        guards: guards(&print, &core_print, comparison.difference.as_ref()),
        comparison,
    }
}

fn guards(text: &Fingerprint, core: &Fingerprint, difference: Option<&Difference>) -> Vec<Guard> {
    let figures = |print: &Fingerprint, kinds: &[Kind]| -> Vec<String> {
        let of_kind = print.figures.iter().filter(|(_, figure)| kinds.contains(&figure.kind));
        of_kind.map(|(_, figure)| figure.said()).collect()
    };
    let both =
        |kind, of: &dyn Fn(&Fingerprint) -> Vec<String>| Guard { kind, ours: of(text), theirs: of(core) };
    let word = |print: &Fingerprint| print.refutation.map(str::to_owned).into_iter().collect();
    let mut guards = vec![
        both(GuardKind::Numbers, &|print| figures(print, &[Kind::Number, Kind::Percent, Kind::Long])),
        both(GuardKind::Dates, &|print| figures(print, &[Kind::Date, Kind::Time])),
    ];
    for kind in [GuardKind::Places, GuardKind::Names, GuardKind::Negation, GuardKind::Wording] {
        let found = difference.and_then(|difference| sides(difference, kind));
        let side = |text: &String| Some(text.clone()).filter(|text| !text.is_empty()).into_iter().collect();
        let (ours, theirs) = found.map_or_else(Default::default, |(ours, theirs)| (side(ours), side(theirs)));
        guards.push(Guard { kind, ours, theirs });
    }
    guards.push(both(GuardKind::Refutation, &word));
    guards
}

/// The two wordings of a difference, if it is one of this guard.
fn sides(difference: &Difference, kind: GuardKind) -> Option<(&String, &String)> {
    match (difference, kind) {
        (Difference::Places { ours, theirs }, GuardKind::Places)
        | (Difference::Names { ours, theirs }, GuardKind::Names)
        | (Difference::Negation { ours, theirs }, GuardKind::Negation)
        | (Difference::Wording { ours, theirs }, GuardKind::Wording) => Some((ours, theirs)),
        _ => None,
    }
}
