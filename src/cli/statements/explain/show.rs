//! The explanation as a person reads it, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Found;
use crate::{
    app::statements::{Decided, Explained, Part, Subject},
    desk::statement::{Compared, LEAST_INFORMATIVE, LEAST_LIKENESS},
    locale::{Locale, words},
};

/// Characters of a compared text that are shown in words.
const SHOWN: usize = 240;

/// What is shown.
pub(super) struct Shown<'a> {
    pub found: &'a Found,
    pub explained: &'a Explained,
    pub locale: Locale,
}

impl Shown<'_> {
    fn pick<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        self.locale.pick(zh, en)
    }

    /// Both names: the first given, the second given.
    fn names(&self) -> [&'static str; 2] {
        [self.locale.pick("甲", "A"), self.locale.pick("乙", "B")]
    }

    /// What was compared, in the order in which the posts were given.
    fn compared(&self) -> [&Compared; 2] {
        let texts = &self.explained.texts;
        if self.explained.second_is_first { [&texts.text, &texts.core] } else { [&texts.core, &texts.text] }
    }

    /// What the guards found, in the same order.
    fn sides<'v>(&self, guard: &'v crate::desk::statement::Guard) -> [&'v [String]; 2] {
        let (text, core) = (guard.ours.as_slice(), guard.theirs.as_slice());
        if self.explained.second_is_first { [text, core] } else { [core, text] }
    }

    /// What tells them apart, in the same order.
    fn difference(&self) -> Option<String> {
        let difference = self.explained.texts.difference(!self.explained.second_is_first)?;
        Some(difference.sentence(self.locale))
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let core = usize::from(self.explained.second_is_first);
        for (nth, (name, subject)) in self.names().into_iter().zip(&self.found.subjects).enumerate() {
            let first = if nth == core { self.pick("（在先）", " (the earlier)") } else { "" };
            writeln!(out, "{name}{first}  {}  {}", subject_name(subject), subject.post.url)?;
        }
        writeln!(out, "{}", self.pick("硬证据", "hard evidence"))?;
        for tie in &self.explained.ties {
            let by = tie.by.as_deref().unwrap_or(self.pick("无", "none"));
            writeln!(out, "  {}: {by}", tie.kind.name(self.locale))?;
        }
        self.print_texts(out)?;
        self.print_guards(out)?;
        self.print_records(out)?;
        match self.found.stored.as_slice() {
            [one, other] => {
                let (one, other) = (one.row.incident, other.row.incident);
                match (one == other, self.locale) {
                    (true, Locale::ZhCn) => writeln!(out, "库中同属 #{one}")?,
                    (true, Locale::En) => writeln!(out, "both stand in #{one}")?,
                    (false, Locale::ZhCn) => writeln!(out, "库中分属 #{one} 与 #{other}")?,
                    (false, Locale::En) => writeln!(out, "they stand in #{one} and #{other}")?,
                }
                writeln!(out, "{}: {}", self.pick("机器判断", "by the machine alone"), self.verdict())
            }
            _ => writeln!(out, "{}: {}", self.pick("结论", "verdict"), self.verdict()),
        }
    }

    fn print_texts(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{}",
            self.pick("比较的文字（▢ 为遮盖的词）", "compared text (▢ stands for masked words)")
        )?;
        let compared = self.compared();
        for (name, one) in self.names().into_iter().zip(compared) {
            let chars = self.pick("有效字", "informative characters");
            writeln!(out, "  {name}  {chars} {}  {}", one.informative, beginning(&one.text))?;
        }
        let comparison = &self.explained.texts.comparison;
        let (shared, [a, b]) = (comparison.shared_anchors, compared.map(|one| one.anchors));
        let likeness = comparison.likeness;
        match self.locale {
            Locale::ZhCn => {
                writeln!(out, "  共有锚点 {shared} 个（甲 {a} 个，乙 {b} 个）")?;
                writeln!(out, "  较短一篇的片段有 {likeness:.2} 在另一篇之中，界限 {LEAST_LIKENESS:.2}")
            }
            Locale::En => {
                writeln!(out, "  anchors shared {shared} (A {a}, B {b})")?;
                writeln!(
                    out,
                    "  {likeness:.2} of the shorter stands in the other, at least {LEAST_LIKENESS:.2} must"
                )
            }
        }
    }

    fn print_guards(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.pick("核对", "guards"))?;
        let [a, b] = self.names();
        for guard in &self.explained.texts.guards {
            if guard.kind.names_differences() && guard.ours.is_empty() && guard.theirs.is_empty() {
                let none = self.pick("未见不同", "no difference");
                writeln!(out, "  {}: {none}", guard.kind.name(self.locale))?;
                continue;
            }
            let [ours, theirs] = self.sides(guard).map(|found| match found {
                [] => self.pick("无", "none").to_owned(),
                found => found.join(self.pick("、", ", ")),
            });
            writeln!(out, "  {}: {a} {ours} | {b} {theirs}", guard.kind.name(self.locale))?;
        }
        let told = self.difference().unwrap_or_else(|| self.pick("无", "none").to_owned());
        writeln!(out, "  {}: {told}", self.pick("不同之处", "what tells them apart"))
    }

    fn print_records(&self, out: &mut impl Write) -> io::Result<()> {
        for (name, stored) in self.names().into_iter().zip(&self.found.stored) {
            let row = &stored.row;
            let (role, why) = (words::role(row.role, self.locale), words::joined(&row.why, self.locale));
            let kept = self.pick("库中记录", "in the store");
            writeln!(out, "{kept} {name}: {} #{}  {role}  {why}", row.unit, row.incident)?;
            for entry in &stored.decisions {
                let by = entry.by.as_deref().unwrap_or("-");
                writeln!(out, "    {} {by}: {}", words::entry(&entry.kind, self.locale), entry.text)?;
            }
        }
        for (name, placed) in self.names().into_iter().zip(&self.found.placed) {
            let whole = self.pick("整个文件中", "in the whole file");
            writeln!(
                out,
                "{whole} {name}: #{}  {}  {}",
                placed.statement,
                role(placed.role, self.locale),
                placed.why
            )?;
        }
        Ok(())
    }

    /// Whether they are one statement, and what decides.
    fn verdict(&self) -> String {
        let (part, reason) = (self.explained.part, self.reason());
        let is = match (self.explained.is_same(), part) {
            (false, _) => self.pick("不是同一言论", "two statements").to_owned(),
            (true, Part::Alone) => self.pick("是同一言论", "one statement").to_owned(),
            (true, part) => {
                format!("{}（{}）", self.pick("是同一言论", "one statement"), role(part, self.locale))
            }
        };
        format!("{is}: {reason}")
    }

    fn reason(&self) -> String {
        let comparison = &self.explained.texts.comparison;
        let likeness = comparison.likeness;
        match (&self.explained.decided, self.locale) {
            (Decided::Joined(why), _) => why.clone(),
            (Decided::SamePost, locale) => locale.pick("就是同一篇帖文", "they are one post").to_owned(),
            (Decided::TooShort, Locale::ZhCn) => {
                format!("没有硬证据，而有效字不足 {LEAST_INFORMATIVE} 个的文字不比较")
            }
            (Decided::TooShort, Locale::En) => format!(
                "no hard evidence, and texts of fewer than {LEAST_INFORMATIVE} informative characters are not compared"
            ),
            (Decided::Unlike, Locale::ZhCn) if likeness >= LEAST_LIKENESS => {
                "没有硬证据，共有的只是零散字词、一句常话，或各自引用的同一段话".to_owned()
            }
            (Decided::Unlike, Locale::En) if likeness >= LEAST_LIKENESS => {
                "no hard evidence, and all that they share is scattered words, a saying, or what both quote"
                    .to_owned()
            }
            (Decided::Unlike, Locale::ZhCn) => {
                format!("没有硬证据，相似 {likeness:.2}，低于 {LEAST_LIKENESS:.2}")
            }
            (Decided::Unlike, Locale::En) => {
                format!("no hard evidence, and likeness {likeness:.2} is below {LEAST_LIKENESS:.2}")
            }
            (Decided::Contradicts, locale) => {
                let told = self.difference().unwrap_or_default();
                match locale {
                    Locale::ZhCn => format!("文字相似 {likeness:.2}，但{told}"),
                    Locale::En => format!("alike by {likeness:.2}, yet {told}"),
                }
            }
            (Decided::TooFewAnchors, Locale::ZhCn) => {
                format!("共有的锚点只有 {} 个，不足以互相找到", comparison.shared_anchors)
            }
            (Decided::TooFewAnchors, Locale::En) => {
                format!("only {} anchors are shared, too few to find each other", comparison.shared_anchors)
            }
        }
    }

    pub(super) fn json(&self) -> Value {
        let side = |nth: usize| {
            let (subject, compared) = (self.found.subjects.get(nth), self.compared());
            let compared = compared.get(nth);
            json!({
                "post": subject.map(subject_name),
                "text": compared.map(|one| &one.text),
                "informative": compared.map(|one| one.informative),
                "anchors": compared.map(|one| one.anchors),
            })
        };
        let ties = self.explained.ties.iter();
        let guards = self.explained.texts.guards.iter();
        let comparison = &self.explained.texts.comparison;
        json!({
            "a": side(0),
            "b": side(1),
            "core": if self.explained.second_is_first { "b" } else { "a" },
            "evidence": ties.map(|tie| json!({ "kind": tie.kind.id(), "by": tie.by })).collect::<Vec<_>>(),
            "likeness": comparison.likeness,
            "threshold": LEAST_LIKENESS,
            "shared_anchors": comparison.shared_anchors,
            "guards": guards.map(|guard| {
                let [a, b] = self.sides(guard);
                json!({ "kind": guard.kind.id(), "a": a, "b": b })
            }).collect::<Vec<_>>(),
            "difference": self.difference(),
            "same": self.explained.is_same(),
            "role": self.explained.part,
            "decided": decided(&self.explained.decided),
            "reason": self.reason(),
            "stored": self.found.stored.iter().map(|stored| json!({
                "incident": stored.row.incident, "unit": stored.row.unit, "role": stored.row.role,
                "why": words::joined(&stored.row.why, self.locale),
                "decisions": stored.decisions.iter().map(|one| {
                    json!({ "kind": one.kind, "by": one.by, "text": one.text })
                }).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "file": self.found.placed.iter().map(|placed| json!({
                "statement": placed.statement, "role": placed.role, "why": placed.why,
            })).collect::<Vec<_>>(),
        })
    }
}

const fn decided(decided: &Decided) -> &'static str {
    match decided {
        Decided::Joined(_) => "joined",
        Decided::SamePost => "same_post",
        Decided::TooShort => "too_short",
        Decided::Unlike => "unlike",
        Decided::Contradicts => "contradicts",
        Decided::TooFewAnchors => "too_few_anchors",
    }
}

/// What a post is to its statement.
pub(in super::super) fn role(part: Part, locale: Locale) -> &'static str {
    match part {
        Part::Root => locale.pick("首发", "root"),
        Part::Copy => locale.pick("同文", "copy"),
        Part::Repost => locale.pick("转发", "repost"),
        Part::Reaction => locale.pick("回应", "reaction"),
        Part::Alone => locale.pick("单独", "alone"),
    }
}

fn subject_name(subject: &Subject) -> String {
    subject.post.key.to_string()
}

/// The beginning of a text on one line.
fn beginning(text: &str) -> String {
    let mut shown: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN + 1).collect();
    if shown.chars().count() > SHOWN {
        shown.pop();
        shown.push('…');
    }
    shown
}
