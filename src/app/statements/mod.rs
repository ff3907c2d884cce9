//! Which posts of a file are one statement: recorded posts through the very desk that decides in earnest.
//!
//! It answers "what would the daemon have put together, and why?", so that any labelled set can be tried. What
//! the daemon asks of a post beside (does it meet a keyword, is it told to anybody) is left aside: every post is
//! taken, under a plan that tells nobody. Time does not part what belongs together unless that is asked for: all
//! posts are taken at one instant, in their order of time.

mod evidence;
mod explain;
mod input;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use explain::{Decided, Explained, Subject, explain};
pub use input::{Input, InputError, MOST_POSTS};

use self::evidence::{Core, Evidence};
use crate::{
    desk::{Change, Desk, Input as DeskInput, Restored, Setup},
    keyword::Matcher,
    locale::Locale,
    model::{
        Certainty, Clauses, Counters, Hit, HitPart, IncidentId, Mention, Plan, Post, PostKey, PostRow, Role,
        Unit,
    },
};

/// How to group.
#[derive(Debug, Clone)]
pub struct Options {
    /// The unit, whose names are masked when texts are compared.
    pub unit: Unit,
    /// The plan that the unit runs under; only what concerns belonging together is taken of it.
    pub plan: Plan,
    /// Posts are taken at their own times, and a statement is left that was silent for so long; `None` takes all
    /// posts at one instant.
    pub window: Option<SignedDuration>,
    /// Language of the reasons.
    pub locale: Locale,
}

/// What a post is to its statement, as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The one that the others are compared with, or that they repost.
    Root,
    /// Independent, and says the same by its text or its link.
    Copy,
    /// Reposts or quotes a member.
    Repost,
    /// Denies what it quotes or links: shown with the statement, adds no heat.
    Reaction,
    /// The only member.
    Alone,
}

/// One post of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Site of the post.
    pub site: String,
    /// Its id on the site.
    pub id: String,
    /// The statement: equal numbers are one statement. The number under which the desk keeps it.
    pub statement: u64,
    /// What it is to the statement.
    pub role: Part,
    /// On what evidence, in words.
    pub why: String,
    /// First words, for people.
    #[serde(skip)]
    pub gist: String,
    /// Number of the line that shows it first, from 1; `None` for an original that is seen in reposts only.
    #[serde(skip)]
    pub line: Option<usize>,
    /// When it was taken among the others: earlier is smaller.
    #[serde(skip)]
    pub turn: usize,
}

/// A member as the desk keeps it.
struct Member {
    incident: IncidentId,
    /// The statement to which it was put first.
    began: IncidentId,
    role: Role,
    evidence: Evidence,
    gist: String,
    turn: usize,
}

/// Groups the posts of a file. Answers with one entry a post, in the order in which the lines show them first;
/// originals that no line shows of themselves follow at the end.
#[must_use]
pub fn group(input: Input, matcher: &Matcher, options: &Options) -> Vec<Placed> {
    let times = || input.posts.iter().filter_map(|post| post.post.at);
    let now = if options.window.is_some() { times().min() } else { times().max() };
    let mut grouping = Grouping::new(now.unwrap_or(Timestamp::UNIX_EPOCH), options);
    let order = input.in_order();
    let mut lines: HashMap<PostKey, usize> = HashMap::new();
    for numbered in &input.posts {
        lines.entry(numbered.post.look.key()).or_insert(numbered.line);
    }
    let mut posts: Vec<_> = input.posts.into_iter().map(Some).collect();
    for nth in order {
        let Some(numbered) = posts.get_mut(nth).and_then(Option::take) else { continue };
        let post = numbered.post.look.post(&input.census);
        let hits = matcher.hits(&post.own_text(), &post.quoted);
        if let Some(at) = numbered.post.at.filter(|_| options.window.is_some()) {
            grouping.go_on_to(at);
        }
        grouping.take(post, hits);
    }
    grouping.answer(&lines)
}

struct Grouping<'a> {
    desk: Desk,
    options: &'a Options,
    now: Timestamp,
    members: HashMap<PostKey, Member>,
    merged: HashMap<IncidentId, IncidentId>,
    /// In what words a merge was written down, by the statement that went.
    merges: HashMap<IncidentId, String>,
    /// Members that texts are compared with, by the statement that they began.
    cores: HashMap<IncidentId, Vec<Core>>,
}

impl<'a> Grouping<'a> {
    fn new(now: Timestamp, options: &'a Options) -> Self {
        let setup = Setup {
            units: vec![(options.unit.clone(), Arc::new(without_tellings(options)))],
            locale: options.locale,
            ..Setup::default()
        };
        Self {
            desk: Desk::new(setup, Restored::default(), now),
            options,
            now,
            members: HashMap::new(),
            merged: HashMap::new(),
            merges: HashMap::new(),
            cores: HashMap::new(),
        }
    }

    /// Lets time go on, so that the desk leaves what has been silent.
    fn go_on_to(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
        if self.desk.next_due().is_some_and(|due| due <= self.now)
            && let Ok(changes) = self.desk.take(&DeskInput::Tick, self.now)
        {
            self.note(changes);
        }
    }

    /// Takes a post with the rules that it meets.
    fn take(&mut self, post: Post, hits: Vec<Hit>) {
        let mention = Mention {
            source: post.key.site.clone(),
            seen_at: self.now,
            counters: Counters::default(),
            own_fetch: false,
            first_round: false,
            hits: self.as_ours(hits),
            post,
        };
        let input = DeskInput::Mention(Box::new(mention));
        // Only acts of people can be refused.
        if let Ok(changes) = self.desk.take(&input, self.now) {
            self.note(changes);
        }
    }

    fn note(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Post(row) => self.keep(&row),
                Change::Incident(row) => {
                    if let Some(into) = row.merged_into {
                        self.merged.insert(row.id, into);
                    }
                }
                Change::Entry(entry) if entry.kind == "merged" => {
                    let gone = entry.incident.into_iter();
                    self.merges.extend(gone.map(|gone| (gone, entry.text.clone())));
                }
                _ => {}
            }
        }
    }

    /// Hits of the one unit, which tell nobody; a post that meets no rule is taken as if it met one without words.
    fn as_ours(&self, mut hits: Vec<Hit>) -> Vec<Hit> {
        for hit in &mut hits {
            hit.unit.clone_from(&self.options.unit.name);
            hit.at_least = None;
            hit.notify.clear();
        }
        if hits.is_empty() {
            hits.push(Hit { unit: self.options.unit.name.clone(), ..hit_of("") });
        }
        hits
    }

    fn keep(&mut self, row: &PostRow) {
        if let Some(known) = self.members.get_mut(&row.post.key) {
            (known.incident, known.role) = (row.incident, row.role);
            return;
        }
        if row.is_core() {
            self.cores.entry(row.incident).or_default().push(Core::of(row));
        }
        let cores = self.cores.get(&row.incident).map_or(&[][..], Vec::as_slice);
        let evidence = Evidence::of(row, cores, &self.options.unit);
        let gist = evidence::gist(&row.post);
        let turn = self.members.len();
        let member =
            Member { incident: row.incident, began: row.incident, role: row.role, evidence, gist, turn };
        self.members.insert(row.post.key.clone(), member);
    }

    /// Where a merged statement went.
    fn survivor(&self, mut incident: IncidentId) -> IncidentId {
        let mut seen = HashSet::new();
        while let Some(into) = self.merged.get(&incident).filter(|_| seen.insert(incident)) {
            incident = *into;
        }
        incident
    }

    /// The evidence in words; of what began a statement that was merged later, why it was. `came` says that the
    /// original of the statement's reposts came after them.
    fn why(&self, member: &Member, role: Part, came: bool) -> String {
        if let Evidence::First(Some(original)) = &member.evidence
            && came
        {
            return Evidence::Repost(original.clone()).in_words(role, self.options.locale);
        }
        let began =
            matches!(member.evidence, Evidence::First(_)) && !matches!(role, Part::Root | Part::Alone);
        match self.merges.get(&member.began).filter(|_| began && self.merged.contains_key(&member.began)) {
            Some(merge) => merge.clone(),
            None => member.evidence.in_words(role, self.options.locale),
        }
    }

    fn answer(mut self, lines: &HashMap<PostKey, usize>) -> Vec<Placed> {
        let mut statements: HashMap<IncidentId, Vec<PostKey>> = HashMap::new();
        for (key, member) in &self.members {
            statements.entry(self.survivor(member.incident)).or_default().push(key.clone());
        }
        let mut answer = Vec::with_capacity(self.members.len());
        for (incident, mut keys) in statements {
            keys.sort_by_key(|key| self.members.get(key).map(|member| member.turn));
            let members: Vec<_> = keys
                .into_iter()
                .filter_map(|key| self.members.remove(&key).map(|member| (key, member)))
                .collect();
            let root = root_of(&members);
            let came = has_original(&members);
            for (nth, (key, member)) in members.iter().enumerate() {
                let role = match member.role {
                    _ if members.len() == 1 => Part::Alone,
                    _ if nth == root => Part::Root,
                    Role::Root => Part::Copy,
                    Role::Repost => Part::Repost,
                    Role::Reaction => Part::Reaction,
                };
                answer.push(Placed {
                    site: key.site.clone(),
                    id: key.id.clone(),
                    statement: incident.0,
                    role,
                    why: self.why(member, role, came),
                    gist: member.gist.clone(),
                    line: lines.get(key).copied(),
                    turn: member.turn,
                });
            }
        }
        answer.sort_by_key(|placed| (placed.line.is_none(), placed.line, placed.turn));
        answer
    }
}

/// Whether a statement holds the original of the repost that began it.
fn has_original(members: &[(PostKey, Member)]) -> bool {
    members.iter().any(|(_, member)| matches!(member.evidence, Evidence::Original))
        || members.iter().any(|(_, member)| match &member.evidence {
            Evidence::First(Some(original)) => members.iter().any(|(key, _)| key.to_string() == *original),
            _ => false,
        })
}

/// A hit of a word, whatever rule it met.
fn hit_of(word: &str) -> Hit {
    Hit {
        unit: String::new(),
        group: String::new(),
        rule: String::new(),
        line: 0,
        start: 0,
        end: 0,
        surface: word.to_owned(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: None,
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    }
}

/// Which of a statement's members, in the order in which they were taken, is its root: an original that was
/// reposted before it was seen, else the first that is no repost, else the first.
fn root_of(members: &[(PostKey, Member)]) -> usize {
    let first = |wanted: &dyn Fn(&Member) -> bool| members.iter().position(|(_, member)| wanted(member));
    let reposted = || {
        first(&|member| member.role == Role::Root && matches!(member.evidence, Evidence::Original))
            .filter(|_| members.first().is_some_and(|(_, member)| member.role == Role::Repost))
    };
    reposted().or_else(|| first(&|member| member.role == Role::Root)).unwrap_or(0)
}

/// The plan with its lowest tier only, which tells nobody: what is graded and told does not matter here.
fn without_tellings(options: &Options) -> Plan {
    let mut plan = options.plan.clone();
    plan.statement_window = options.window.unwrap_or(plan.statement_window);
    plan.tiers.truncate(1);
    for tier in &mut plan.tiers {
        tier.clauses = Clauses::default();
        tier.lines.clear();
        tier.copies.clear();
        tier.channels.clear();
        (tier.report, tier.acknowledge, tier.response) = (None, None, None);
    }
    plan.administrators.clear();
    plan
}
