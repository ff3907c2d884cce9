//! Every literal of every shipped plan decides something: each number, length, time, name and word is changed, each
//! key, element, tier and limit dropped, and the plan's story must then come out otherwise, or the file be refused.
//! A change that makes an equal plan (it wrote the default) is no mutant.

use std::{collections::BTreeMap, ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use yuqing::{
    app::replay::{ReplayLine, read_lines},
    config::{Folder, duration, plan, plan_named, sheet::Sheet},
    model::{Contact, Plan},
};

use super::{
    PLANS,
    stage::{Played, parts, play_lines, plays_as, story},
};

/// What nothing hangs on by its nature, with the reason: path in the file and what was done to it.
const NATURAL: &[(&str, &str)] = &[
    ("lines[0].name", "a line of a digest: what is told by digest names no line"),
    (
        "work-safety: tier[1].telling 立即 → 及时",
        "both are told when the tier is reached; how soon is said by report",
    ),
    ("work-safety: tier[2].telling 及时 → 立即", "the same"),
    ("work-safety: tier[3].paper", "the paper of a digest is the digest"),
];
/// Tiers that tell by digest, in the plans of four and of five tiers.
const DIGEST_TIERS: [&str; 2] = ["tier[3].", "tier[4]."];

/// A changed file.
struct Mutant {
    /// Where, and what was done.
    what: String,
    text: String,
}

/// Words of which one can stand for another.
const VOCABULARIES: [(&str, &[&str]); 8] = [
    ("telling", &["立即", "及时", "动态", "每周"]),
    ("paper", &["专报", "简报", "动态"]),
    ("from", &["发布", "发现", "定级", "报告", "签收", "回应", "办结"]),
    ("kind", &["续报", "反馈", "事项"]),
    ("met_by", &["会商", "批办", "审定", "回应"]),
    ("hours", &["自然时间", "工作时间"]),
    ("kinds", &["咨询", "诉求", "建议", "虚假信息", "恶意攻击"]),
    ("channels", &["邮件", "短信", "电话"]),
];

struct Changer<'t> {
    text: &'t str,
    /// Names of contacts that the plan does not use.
    strangers: Vec<String>,
    contacts: Vec<String>,
    mutants: Vec<Mutant>,
}

impl<'t> Changer<'t> {
    /// A part of the file; spans of a parser end between characters.
    fn piece(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap()
    }

    fn put(&mut self, span: Range<usize>, with: &str, what: String) {
        let text = format!("{}{with}{}", self.piece(0..span.start), self.piece(span.end..self.text.len()));
        self.mutants.push(Mutant { what, text });
    }

    fn table(&mut self, table: &DeTable<'_>, path: &str, inline: bool) {
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let is_header = matches!(value.get_ref(), DeValue::Table(_)) && !inline
                || matches!(value.get_ref(), DeValue::Array(all) if self.piece(value.span()).starts_with("[[") && !all.is_empty());
            if !is_header {
                let mut span = key.span().start..value.span().end;
                if inline {
                    span = self.with_comma(span);
                }
                self.put(span, "", format!("{here} dropped"));
            }
            self.value(value, &here, &name);
        }
    }

    /// A span with the comma after it, else the one before it.
    fn with_comma(&self, span: Range<usize>) -> Range<usize> {
        let after = self.piece(span.end..self.text.len());
        let blanks = after.len() - after.trim_start().len();
        if after.trim_start().starts_with(',') {
            return span.start..span.end + blanks + 1;
        }
        let before = self.piece(0..span.start).trim_end();
        if before.ends_with(',') { before.len() - 1..span.end } else { span }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, path: &str, key: &str) {
        let span = value.span();
        match value.get_ref() {
            DeValue::Integer(_) => {
                let number: i64 = self.piece(span.clone()).replace('_', "").parse().unwrap();
                for other in [number + 1, number - 1] {
                    self.put(span.clone(), &other.to_string(), format!("{path} {number} → {other}"));
                }
            }
            DeValue::Boolean(flag) => self.put(span, &(!flag).to_string(), format!("{path} flipped")),
            DeValue::String(text) => {
                for other in self.others(text, key) {
                    self.put(span.clone(), &format!("\"{other}\""), format!("{path} {text} → {other}"));
                }
            }
            DeValue::Array(all) => {
                for (at, one) in all.iter().enumerate() {
                    let here = format!("{path}[{at}]");
                    if !self.piece(one.span()).starts_with("[[") {
                        let span = self.with_comma(one.span());
                        self.put(span, "", format!("{here} dropped"));
                    }
                    if let DeValue::Table(table) = one.get_ref() {
                        let inline = self.piece(one.span()).starts_with('{');
                        self.table(table, &here, inline);
                    } else {
                        self.value(one, &here, key);
                    }
                }
            }
            DeValue::Table(table) => {
                let inline = self.piece(span).starts_with('{');
                self.table(table, path, inline);
            }
            other => panic!("{path}: {other:?} does not occur in plans"),
        }
    }

    fn others(&self, text: &str, key: &str) -> Vec<String> {
        if let Some((_, words)) =
            VOCABULARIES.iter().find(|(name, words)| *name == key && words.contains(&text))
        {
            return words.iter().filter(|word| **word != text).map(|word| (*word).to_owned()).collect();
        }
        if self.contacts.iter().any(|name| name == text) {
            return self.strangers.first().cloned().into_iter().collect();
        }
        if let Ok(length) = duration::parse(text) {
            let secs = length.as_secs();
            return vec![format!("{}s", secs * 2), format!("{}s", secs / 2)];
        }
        if let Ok(time) = jiff::civil::Time::strptime("%H:%M", text) {
            let later = time.wrapping_add(jiff::SignedDuration::from_mins(1));
            return vec![later.strftime("%H:%M").to_string()];
        }
        match text {
            "当日" => vec!["24h".to_owned()],
            "Asia/Shanghai" => vec!["Asia/Tokyo".to_owned()],
            _ => vec![format!("{text}x")],
        }
    }

    /// Whole `[[tier]]` and `[[limit]]` blocks.
    fn blocks(&mut self) {
        let starts: Vec<usize> = self.text.match_indices("\n[[").map(|(at, _)| at + 1).collect();
        for (nth, &start) in starts.iter().enumerate() {
            let end = starts.get(nth + 1).copied().unwrap_or(self.text.len());
            let head = self.piece(start..end).lines().next().unwrap();
            self.put(start..end, "", format!("{head} {} dropped", nth + 1));
        }
    }
}

fn contacts() -> BTreeMap<String, Contact> {
    let (office, _) = yuqing::config::load(&Folder::Shipped).unwrap();
    office.contacts.shared.into_iter().map(|contact| (contact.name.clone(), contact)).collect()
}

fn text_of(plan: &str) -> String {
    Folder::Shipped.text(&format!("plans/{plan}.toml")).unwrap().unwrap()
}

fn mutants(text: &str, contacts: &BTreeMap<String, Contact>) -> Vec<Mutant> {
    let (table, errors) = DeTable::parse_recoverable(text);
    assert!(errors.is_empty());
    let all: Vec<String> = contacts.keys().cloned().collect();
    let strangers = all.iter().filter(|name| !text.contains(&format!("\"{name}\""))).cloned().collect();
    let mut changer = Changer { text, strangers, contacts: all, mutants: Vec::new() };
    changer.table(table.get_ref(), "", false);
    changer.blocks();
    changer.mutants
}

/// The plan of a changed file; `None` when it is refused.
fn read(id: &str, text: &str, contacts: &BTreeMap<String, Contact>) -> Option<Plan> {
    let sheet = Sheet::new(Path::new("plan.toml"), text);
    let plan = plan::read(&sheet, id, Some(contacts));
    let (faults, _) = sheet.into_findings();
    plan.filter(|_| faults.is_empty())
}

#[derive(Debug, Default)]
struct Tally {
    mutants: usize,
    refused: usize,
    told_apart: usize,
    equal: usize,
    survivors: Vec<String>,
}

fn examine(id: &str) -> Tally {
    let contacts = contacts();
    let text = text_of(id);
    let shipped = plan_named(&Folder::Shipped, id).unwrap();
    let mut parts = parts(&story(id));
    // What goes through every tier in few lines tells most plans apart.
    parts.sort_by_key(|part| !part.contains("\"repost\""));
    let parts: Vec<Vec<ReplayLine>> = parts.iter().map(|part| read_lines(part.as_bytes()).unwrap()).collect();
    let expected: Vec<Played> = parts.iter().map(|part| play_lines(shipped.clone(), part.clone())).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let mut tally = Tally::default();
    for mutant in mutants(&text, &contacts) {
        tally.mutants += 1;
        let Some(plan) = read(id, &mutant.text, &contacts) else {
            tally.refused += 1;
            continue;
        };
        if plan == shipped {
            tally.equal += 1;
            continue;
        }
        let differs = |&part: &usize| !plays_as(plan.clone(), parts[part].clone(), &expected[part]);
        if let Some(place) = order.iter().position(differs) {
            // Neighbours in the file are mostly told apart by the same part.
            order[..=place].rotate_right(1);
            tally.told_apart += 1;
        } else {
            tally.survivors.push(format!("{id}: {}", mutant.what));
        }
    }
    tally
}

#[test]
fn every_literal_of_every_plan_decides_something() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let tallies = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(id) = PLANS.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let tally = examine(id);
                    tallies.lock().unwrap().push((*id, tally));
                }
            });
        }
    });
    let mut tallies = tallies.into_inner().unwrap();
    tallies.sort_by_key(|(id, _)| *id);
    let mut survivors = Vec::new();
    let (mut all, mut refused, mut apart, mut equal, mut natural) = (0, 0, 0, 0, 0);
    for (id, tally) in &tallies {
        println!(
            "{id}: {} changes, {} told apart by the story, {} refused, {} equal plans",
            tally.mutants, tally.told_apart, tally.refused, tally.equal
        );
        (all, refused, apart, equal) =
            (all + tally.mutants, refused + tally.refused, apart + tally.told_apart, equal + tally.equal);
        survivors.extend(tally.survivors.iter().filter(|one| !is_natural(one)).cloned());
        natural += tally.survivors.iter().filter(|one| is_natural(one)).count();
    }
    println!(
        "{all} changes, {apart} told apart, {refused} refused, {equal} equal plans, {natural} decide nothing by nature, {} survive",
        survivors.len()
    );
    assert!(survivors.is_empty(), "{}\n{} changes decide nothing", survivors.join("\n"), survivors.len());
    assert!(
        tallies.iter().all(|(_, tally)| tally.told_apart > 50),
        "a plan of so few literals is not read rightly"
    );
}

fn is_natural(survivor: &str) -> bool {
    NATURAL.iter().any(|(what, _)| {
        survivor.contains(what)
            && (*what != "lines[0].name" || DIGEST_TIERS.iter().any(|tier| survivor.contains(tier)))
    })
}
