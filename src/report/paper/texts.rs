//! The texts of papers: those that ship (`config/papers`), with an office's own (`papers/` in its folder) over them. An
//! own text that cannot be read, or fails on a paper, is told ([`Broken`]) and the shipped one stands in its place: a
//! paper that is due comes out whatever was typed into a file.

use std::{collections::BTreeMap, sync::Arc};

use minijinja::{
    Environment, Error, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde,
};
use serde::Serialize;

use super::{PaperKind, case::CaseFacts, markup::escaped, unit::UnitFacts};
use crate::locale::Locale;

/// Steps that one text may take: enough for a month of a large office, too few to hang on.
const FUEL: u64 = 5_000_000;
/// A text longer than this is no paper.
const LONGEST: usize = 256 * 1024;

/// Names of the texts, with what ships.
pub const SHIPPED: [(&str, &str); 10] = [
    ("brief", include_str!("../../../config/papers/brief.txt")),
    ("circular", include_str!("../../../config/papers/circular.txt")),
    ("digest", include_str!("../../../config/papers/digest.txt")),
    ("final", include_str!("../../../config/papers/final.txt")),
    ("follow-up", include_str!("../../../config/papers/follow-up.txt")),
    ("handling", include_str!("../../../config/papers/handling.txt")),
    ("monthly", include_str!("../../../config/papers/monthly.txt")),
    ("registration", include_str!("../../../config/papers/registration.txt")),
    ("review", include_str!("../../../config/papers/review.txt")),
    ("special", include_str!("../../../config/papers/special.txt")),
];

/// What is wrong with an office's own text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("papers/{name}.txt:{line}: {why}")]
pub struct Broken {
    /// Which text.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// What the engine says, in English.
    pub why: String,
}

impl Broken {
    fn of(name: &str, error: &Error) -> Self {
        let why = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
        Self { name: name.to_owned(), line: error.line().unwrap_or(1), why }
    }

    /// In the office's words, with the mend.
    #[must_use]
    pub fn words(&self, locale: Locale) -> String {
        let Self { name, line, why } = self;
        match locale {
            Locale::ZhCn => format!(
                "材料模板 papers/{name}.txt 第 {line} 行写法不对（{why}），现用随包的文字；对照随包的 {name}.txt 改好，或删去本文件"
            ),
            Locale::En => format!(
                "papers/{name}.txt, line {line}: {why}; the shipped text is used. Mend it by the shipped {name}.txt, or remove it"
            ),
        }
    }
}

/// All texts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Texts {
    own: Arc<BTreeMap<String, String>>,
}

impl Texts {
    /// The shipped texts with an office's own, by name, over them; what is wrong with these comes beside.
    #[must_use]
    pub fn of(own: &BTreeMap<String, String>) -> (Self, Vec<Broken>) {
        let mut broken = Vec::new();
        let mut good = BTreeMap::new();
        for (name, text) in own {
            match tried(name, text) {
                Ok(()) => {
                    good.insert(name.clone(), text.clone());
                }
                Err(fault) => broken.push(fault),
            }
        }
        (Self { own: Arc::new(good) }, broken)
    }

    /// Only what ships.
    #[must_use]
    pub fn shipped() -> Self {
        Self { own: Arc::default() }
    }

    /// The text of a paper that ships.
    #[must_use]
    pub fn template(kind: PaperKind) -> &'static str {
        SHIPPED.iter().find(|(known, _)| *known == kind.id()).map_or("", |(_, text)| *text)
    }

    /// The text of a paper with its facts in it, as markup. What of an own text fails is told beside the shipped one.
    #[must_use]
    pub fn write(&self, name: &str, facts: &impl Serialize, locale: Locale) -> (String, Option<Broken>) {
        let shipped = || {
            let text = SHIPPED.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
            // A shipped text that fails does so in the tests of every paper.
            render(name, text, facts, locale).unwrap_or_default()
        };
        let Some(own) = self.own.get(name) else { return (shipped(), None) };
        match render(name, own, facts, locale) {
            Ok(text) => (text, None),
            Err(error) => (shipped(), Some(Broken::of(name, &error))),
        }
    }
}

/// Tries a text on facts of every kind.
fn tried(name: &str, text: &str) -> Result<(), Broken> {
    let wrong = |why: &str| Broken { name: name.to_owned(), line: 1, why: why.to_owned() };
    if !SHIPPED.iter().any(|(known, _)| *known == name) {
        return Err(wrong("no paper has this text"));
    }
    if text.len() > LONGEST {
        return Err(wrong("longer than 256 KiB"));
    }
    let of_case = PaperKind::OF_CASE.iter().any(|kind| kind.id() == name);
    let shown = match of_case {
        true => render(name, text, &CaseFacts::sample(), Locale::ZhCn),
        false => render(name, text, &UnitFacts::sample(), Locale::ZhCn),
    };
    match shown {
        Ok(shown) if shown.trim().is_empty() => Err(wrong("it says nothing")),
        Ok(_) => Ok(()),
        Err(error) => Err(Broken::of(name, &error)),
    }
}

fn render(name: &str, text: &str, facts: &impl Serialize, locale: Locale) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // A line that holds only a tag leaves no line behind: rows of a table stand close.
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    // Our own words: they may hold markup.
    environment.add_function("t", move |zh: String, en: String| {
        Value::from_safe_string(if locale == Locale::ZhCn { zh } else { en })
    });
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let words = value.to_string();
        let words = if value.is_safe() { words } else { escaped(&words) };
        out.write_str(&words).map_err(Error::from)
    });
    environment.add_template_owned(name.to_owned(), text.to_owned())?;
    environment.get_template(name)?.render(Value::from(Serde(facts)))
}
