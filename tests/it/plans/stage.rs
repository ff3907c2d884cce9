//! Plays the story of a shipped plan through the very replay that `yuqing replay` runs, and keeps every notice and
//! every limit, so that a test asks "who was told what of this post, when, and what is owed by when?".

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;
use yuqing::{
    app::replay::{Options, Printed, Replay, ReplayLine, read_lines},
    config::{self, Folder, plan_named},
    desk::Change,
    keyword::Matcher,
    locale::Locale,
    model::*,
};

/// The words of the shipped list, and whom they ask to be told.
struct Words {
    matcher: Matcher,
    notify: Vec<String>,
    workdays: Arc<Workdays>,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let (office, _) = config::load(&Folder::Shipped).unwrap();
        let groups = office.lists.iter().flat_map(|list| &list.groups);
        let notify: BTreeSet<String> = groups.flat_map(|group| group.notify.clone()).collect();
        Words {
            matcher: Matcher::new(office.lists.clone()),
            notify: notify.into_iter().collect(),
            workdays: office.workdays.clone(),
        }
    })
}

/// The story of a plan, as the file of its name holds it.
pub fn story(plan: &str) -> String {
    let file = format!("{}/tests/data/stories/{plan}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The lines of a story that are about one post each, so that a part can be played without the others. A line that
/// names no post belongs to all of them.
pub fn parts(story: &str) -> Vec<String> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut of_all = String::new();
    for line in story.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = value["text"].as_str().map(ToOwned::to_owned);
        let named = value["post"].as_str().map(ToOwned::to_owned);
        if named.is_none() && value["site"].is_null() {
            of_all.push_str(&format!("{line}\n"));
            continue;
        }
        let post = || format!("{}/{}", value["site"].as_str().unwrap(), value["id"].as_str().unwrap());
        let key = named.unwrap_or_else(post);
        // What says the same belongs together.
        let known = parts.iter_mut().find(|(other, lines)| {
            *other == key || text.as_ref().is_some_and(|text| lines.contains(text.as_str()))
        });
        match known {
            Some((_, lines)) => lines.push_str(&format!("{line}\n")),
            None => parts.push((key, format!("{line}\n"))),
        }
    }
    parts.into_iter().map(|(_, lines)| lines + &of_all).collect()
}

/// Everything that came of a story.
#[derive(Debug, Default, PartialEq)]
pub struct Played {
    pub printed: Vec<Printed>,
    /// As they were made.
    pub notices: Vec<Notice>,
    /// Every state of every limit, in the order in which it came.
    pub limits: Vec<Deadline>,
    posts: BTreeMap<String, IncidentId>,
}

/// Plays the story of a shipped plan.
pub fn play(plan: &str) -> Played {
    play_story(plan, plan)
}

/// Plays another story by a shipped plan.
pub fn play_story(plan: &str, name: &str) -> Played {
    play_lines(plan_named(&Folder::Shipped, plan).unwrap(), read_lines(story(name).as_bytes()).unwrap())
}

pub fn play_lines(plan: Plan, lines: Vec<ReplayLine>) -> Played {
    let (mut notices, mut limits, mut posts, mut printed) = Default::default();
    run(plan, lines, &mut |seen| match seen {
        Seen::Notice(notice) => Vec::push(&mut notices, notice.clone()),
        Seen::Limit(limit) => Vec::push(&mut limits, limit.clone()),
        Seen::Post(key, incident) => {
            BTreeMap::insert(&mut posts, format!("{}/{}", key.site, key.id), incident);
        }
        Seen::Printed(line) => Vec::push(&mut printed, line.clone()),
    });
    Played { printed, notices, limits, posts }
}

/// Whether a plan makes of these lines exactly what was expected. The first difference ends the play, which is what
/// lets thousands of changed plans be played in seconds.
pub fn plays_as(plan: Plan, lines: Vec<ReplayLine>, expected: &Played) -> bool {
    struct Differs;
    let (mut notices, mut limits) = (expected.notices.iter(), expected.limits.iter());
    let mut printed = expected.printed.iter();
    let mut compare = |seen: Seen<'_>| {
        let same = match seen {
            Seen::Notice(notice) => notices.next() == Some(notice),
            Seen::Limit(limit) => limits.next() == Some(limit),
            Seen::Printed(line) => printed.next() == Some(line),
            Seen::Post(..) => true,
        };
        if !same {
            std::panic::resume_unwind(Box::new(Differs));
        }
    };
    let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(plan, lines, &mut compare)));
    match end {
        Ok(()) => notices.next().is_none() && limits.next().is_none() && printed.next().is_none(),
        Err(payload) if payload.is::<Differs>() => false,
        Err(payload) => std::panic::resume_unwind(payload),
    }
}

/// What is looked at while a story plays.
enum Seen<'s> {
    Notice(&'s Notice),
    Limit(&'s Deadline),
    Post(&'s PostKey, IncidentId),
    Printed(&'s Printed),
}

/// Every change of the story of a shipped plan, in its order, with what is not asked of plans, too.
pub fn changes(plan: &str) -> Vec<Change> {
    let lines = read_lines(story(plan).as_bytes()).unwrap();
    let mut changes = Vec::new();
    let mut keep = |change: &Change| changes.push(change.clone());
    let options = options(plan_named(&Folder::Shipped, plan).unwrap());
    Replay::run_watched(&words().matcher, options, lines, &mut keep, &mut |_| {});
    changes
}

fn options(plan: Plan) -> Options {
    let unit =
        Unit {
            name: "示范单位".to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false
        };
    Options {
        plan: Arc::new(plan),
        unit,
        notify: words().notify.clone(),
        run_on: SignedDuration::from_hours(24),
        first_run: false,
        workdays: words().workdays.clone(),
        locale: Locale::ZhCn,
    }
}

fn run(plan: Plan, lines: Vec<ReplayLine>, look: &mut dyn FnMut(Seen<'_>)) {
    let options = options(plan);
    let look = std::cell::RefCell::new(look);
    let mut watch = |change: &Change| match change {
        Change::Notice(notice) if matches!(notice.state, NoticeState::Pending | NoticeState::Shown) => {
            look.borrow_mut()(Seen::Notice(notice));
        }
        Change::Deadline(limit) => look.borrow_mut()(Seen::Limit(limit)),
        Change::Post(row) => look.borrow_mut()(Seen::Post(&row.post.key, row.incident)),
        _ => {}
    };
    let mut print = |line: Printed| look.borrow_mut()(Seen::Printed(&line));
    Replay::run_watched(&words().matcher, options, lines, &mut watch, &mut print);
}

/// Beijing time without the year.
fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).strftime("%m-%d %H:%M").to_string()
}

impl Played {
    /// What came of one post.
    pub fn about(&self, post: &str) -> Case<'_> {
        let incident = *self.posts.get(post).unwrap_or_else(|| panic!("no incident of {post}"));
        Case {
            notices: self.notices.iter().filter(|notice| notice.incident == Some(incident)).collect(),
            limits: self.limits.iter().filter(|limit| limit.incident == incident).collect(),
            digests: self
                .notices
                .iter()
                .filter(|notice| notice.facts.digest.iter().any(|line| line.incident == incident))
                .collect(),
        }
    }

    /// What the administrators were told that concerns no incident: emergency mode.
    pub fn operations(&self) -> Vec<String> {
        let loose = |notice: &&Notice| notice.incident.is_none() && notice.facts.digest.is_empty();
        let told = self.notices.iter().filter(loose);
        told.map(|notice| format!("{} {} {}", clock(notice.created_at), notice.contact, notice.facts.note))
            .collect()
    }

    /// All of it, a line a happening: what a changed line says is a changed decision.
    pub fn timeline(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in &self.printed {
            let mut text = format!("{} #{} ", line.at.get(5..16).unwrap(), line.incident.unwrap_or_default());
            let due = line.due_at.as_deref().and_then(|due| due.get(5..16)).unwrap_or_default();
            let reason = line.reason.clone().unwrap_or_default();
            match line.kind {
                "notice" => {
                    let step =
                        line.step.map(|step| format!(" {} {step}", line.line.as_deref().unwrap_or("-")));
                    text.push_str(&format!(
                        "{}{} → {} {} 至 {due} | {reason}",
                        line.what.unwrap_or_default(),
                        step.unwrap_or_default(),
                        line.recipient.as_deref().unwrap_or_default(),
                        line.channel.unwrap_or_default(),
                    ));
                }
                "deadline" => {
                    if line.state.as_deref() == Some("ended") {
                        continue;
                    }
                    let of =
                        line.line.as_deref().map(|name| format!(" {name} {}", line.step.unwrap_or_default()));
                    text.push_str(&format!("{reason}{} {due}", of.unwrap_or_default()));
                }
                "tier" => text.push_str(&format!(
                    "{} → {} {} | {reason}",
                    line.from.as_deref().unwrap_or("-"),
                    line.to.as_deref().unwrap_or("-"),
                    line.state.as_deref().unwrap_or_default()
                )),
                _ => text.push_str(&format!("{} {reason}", line.kind)),
            }
            lines.push(text.replace('T', " "));
        }
        lines.join("\n")
    }
}

/// What came of one post.
pub struct Case<'p> {
    pub notices: Vec<&'p Notice>,
    pub limits: Vec<&'p Deadline>,
    digests: Vec<&'p Notice>,
}

impl Case<'_> {
    /// Who was told at an instant, by a line each: kind, reporting line and step, contact, channels.
    pub fn told_at(&self, at: &str) -> Vec<String> {
        let mut told: Vec<(String, Vec<&'static str>)> = Vec::new();
        for notice in self.notices.iter().filter(|notice| clock(notice.created_at) == at) {
            let line = notice.facts.line.as_ref().map_or_else(String::new, |line| {
                format!(" {line}{}", notice.facts.step.map_or_else(String::new, |step| step.to_string()))
            });
            let text = format!("{}{line} {}", notice.kind.id(), notice.contact);
            match told.iter_mut().find(|(known, _)| *known == text) {
                Some((_, channels)) => channels.push(notice.channel.id()),
                None => told.push((text, vec![notice.channel.id()])),
            }
        }
        told.into_iter().map(|(text, channels)| format!("{text} {}", channels.join("+"))).collect()
    }

    /// When anybody was told something of this kind.
    pub fn told_as(&self, kind: NoticeKind) -> Vec<String> {
        let mut told: Vec<String> = self
            .notices
            .iter()
            .filter(|n| n.kind == kind)
            .map(|n| format!("{} {}", clock(n.created_at), n.contact))
            .collect();
        told.dedup();
        told
    }

    /// When anybody was told of it by a notice of its own, and how: `09:00 alert`.
    pub fn alerts(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.notices.iter().map(|n| format!("{} {}", clock(n.created_at), n.kind.id())).collect();
        lines.dedup();
        lines
    }

    /// Which digests carried it, to whom.
    pub fn digests(&self) -> Vec<String> {
        self.digests
            .iter()
            .map(|n| format!("{} {} {}", clock(n.created_at), n.kind.id(), n.contact))
            .collect()
    }

    /// When limits of this kind (an id such as `response`, or the plan's own name) were opened, and their due times:
    /// `11-24 09:00 → 11-24 14:00`.
    pub fn owes(&self, what: &str) -> Vec<String> {
        let mut known = BTreeSet::new();
        let mut lines = Vec::new();
        let mut since = BTreeMap::new();
        for limit in &self.limits {
            let is = limit.kind.id() == what || limit.name.as_deref() == Some(what);
            if is
                && limit.state == DeadlineState::Running
                && limit.kind != DeadlineKind::Step
                && known.insert(limit.key.clone())
            {
                since.insert(limit.key.clone(), limit.base_at);
                lines.push(format!("{} → {}", clock(limit.base_at), clock(limit.due_at)));
            }
        }
        lines
    }

    /// What was told of limits that are near or have passed: time, kind, contacts, the sentence.
    pub fn passed(&self, words: &str) -> Vec<String> {
        let kinds = [NoticeKind::Warning, NoticeKind::Overdue];
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for notice in self.notices.iter().filter(|n| kinds.contains(&n.kind) && n.facts.note.contains(words))
        {
            let text = format!("{} {}", clock(notice.created_at), notice.kind.id());
            match lines.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) if names.contains(&notice.contact) => {}
                Some((_, names)) => names.push(notice.contact.clone()),
                None => lines.push((text, vec![notice.contact.clone()])),
            }
        }
        lines.into_iter().map(|(text, names)| format!("{text} {}", names.join("、"))).collect()
    }

    /// Paper and leader that the notices of a tier name.
    pub fn handling(&self, tier: &str) -> Option<(Option<ReportKind>, Option<String>)> {
        let notice = self.notices.iter().find(|notice| notice.facts.tier_name == tier)?;
        Some((notice.facts.paper, notice.facts.led_by.clone()))
    }
}
