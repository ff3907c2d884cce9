//! A trial reading (试取) on the page: the steps from the address to the rules, what would be read, and which rules it
//! would meet. The same code as `yuqing probe`, at the pace of the rounds. Nothing is kept; one at a time for a person.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Form,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{meant, path_of, source_of};
use crate::{
    collect::{
        adapter::{Reading, explain::Explanation},
        fetch::SharedFetcher,
        probe::{
            Found, Trial,
            trail::{Passed, Stage, Stop},
        },
    },
    console::{
        fault::Fault,
        files::blocking,
        pages::shown,
        view::{When, beginning, clean, count, link},
        visit::Visit,
    },
    keyword::Matcher,
    locale::Locale,
    model::{Counters, Post},
};

/// Posts that are shown.
const POSTS: usize = 10;
/// Characters of a title or of the beginning of a text.
const TITLE: usize = 90;
/// A trial takes no longer; a host whose turn is further away is asked another time.
pub(super) const LONGEST: Duration = Duration::from_secs(22);

/// Who tries something just now: one trial at a time for a person.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Trying(Arc<Mutex<BTreeSet<String>>>);

/// Somebody's turn; it ends with the value.
pub(super) struct Turn {
    trying: Trying,
    who: String,
}

impl Trying {
    /// A turn, unless this person has one.
    pub(super) fn begin(&self, room: &Visit) -> Result<Turn, Fault> {
        let person = &room.person;
        let who = if person.name.is_empty() { format!("@{}", person.from) } else { person.name.clone() };
        let began = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(who.clone());
        let busy = room
            .settings()
            .locale
            .pick("您上一次试取还没有结束，请等它结束再试", "your last trial is not over yet; wait for it");
        if began { Ok(Turn { trying: self.clone(), who }) } else { Err(Fault::Form(busy)) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.trying.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.who);
    }
}

/// The way to the web that rounds take.
pub(super) fn fetcher(room: &Visit) -> Result<SharedFetcher, Fault> {
    let fetcher = room.console.scout.as_ref().and_then(|scout| scout.fetcher.borrow().clone());
    let missing = "现在不能取网页，请看日志";
    fetcher
        .ok_or(Fault::Form(room.settings().locale.pick(missing, "pages cannot be fetched now; see the log")))
}

/// A post as it would be read.
#[derive(Serialize)]
pub(super) struct PostLine {
    title: String,
    link: Option<String>,
    published: String,
    counts: Vec<(&'static str, String)>,
    hits: Vec<HitLine>,
}

#[derive(Serialize)]
struct HitLine {
    unit: String,
    group: String,
    rule: String,
    line: u32,
    surface: String,
}

/// A step on the way, with its words and its mark.
#[derive(Serialize)]
pub(super) struct StopLine {
    title: &'static str,
    mark: &'static str,
    class: &'static str,
    state: &'static str,
    detail: String,
}

impl StopLine {
    pub fn of(stop: &Stop, locale: Locale) -> Self {
        let (mark, class, state) = match stop.passed {
            Passed::Yes => ("✓", "good", locale.pick("通过", "passed")),
            Passed::No => ("✗", "bad", locale.pick("没有通过", "not passed")),
            Passed::NotReached => ("–", "off", locale.pick("没有走到", "not reached")),
        };
        let detail = clean(&stop.detail);
        Self { title: stop.stage.title(locale), mark, class, state, detail }
    }
}

/// The first posts of readings as the page shows them; hits only of the units that this person sees.
pub(super) fn posts<'r>(
    readings: impl Iterator<Item = &'r Reading>,
    matcher: &Matcher,
    sees: impl Fn(&str) -> bool,
    when: &When,
) -> Vec<PostLine> {
    let posts = readings.flat_map(|reading| &reading.posts).take(POSTS);
    posts.map(|(post, counters)| PostLine::of(post, counters, matcher, &sees, when)).collect()
}

impl PostLine {
    fn of(
        post: &Post,
        counters: &Counters,
        matcher: &Matcher,
        sees: &impl Fn(&str) -> bool,
        when: &When,
    ) -> Self {
        let words = if post.title.is_empty() { &post.text } else { &post.title };
        let pick = |zh, en| when.locale.pick(zh, en);
        let counts = [
            (pick("浏览", "views"), counters.views),
            (pick("转发", "reposts"), counters.reposts),
            (pick("评论", "comments"), counters.comments),
            (pick("点赞", "likes"), counters.likes),
        ];
        let known = counts.into_iter().filter(|(_, known)| known.is_some());
        let hits = matcher.hits(&post.own_text(), &post.quoted).into_iter().filter(|hit| sees(&hit.unit));
        Self {
            title: beginning(words, TITLE),
            link: link(&post.url),
            published: post.published.map_or_else(
                || pick("时间未知", "unknown time").to_owned(),
                |published| when.time(published.at),
            ),
            counts: known.map(|(word, known)| (word, count(known, when.locale))).collect(),
            hits: hits
                .map(|hit| HitLine {
                    unit: clean(&hit.unit),
                    group: clean(&hit.group),
                    rule: clean(&hit.rule),
                    line: hit.line,
                    surface: beginning(&hit.surface, TITLE),
                })
                .collect(),
        }
    }
}

/// How the fields were read: the field, how many gave it, an example, why not.
#[derive(Serialize)]
struct FieldLine {
    title: &'static str,
    mark: &'static str,
    class: &'static str,
    gave: usize,
    of: usize,
    example: String,
    trouble: String,
}

fn fields(explanations: &[Explanation], locale: Locale) -> Vec<FieldLine> {
    let steps = explanations.first().into_iter().flat_map(|explanation| &explanation.steps);
    steps
        .map(|step| {
            // A list may well have no next page.
            let (mark, class) = match (step.failed(), step.step) {
                (false, _) => ("✓", "good"),
                (true, "next") => ("–", "off"),
                (true, _) => ("✗", "bad"),
            };
            let trouble = step.ways.iter().filter_map(|way| way.trouble.as_ref()).filter(|_| class == "bad");
            FieldLine {
                title: step.title(locale),
                mark,
                class,
                gave: step.gave,
                of: step.of,
                example: step.example.as_deref().map(|text| beginning(text, TITLE)).unwrap_or_default(),
                trouble: clean(&trouble.map(|trouble| trouble.human(locale)).collect::<Vec<_>>().join("；")),
            }
        })
        .collect()
}

/// Which source.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    name: String,
}

/// 试取.
pub(in super::super) async fn page(room: Visit, Form(wanted): Form<Fields>) -> Response {
    try_source(&room, &meant(&room, &wanted.name)).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn try_source(room: &Visit, name: &str) -> Result<Response, Fault> {
    let source = source_of(room, name)?;
    let settings = room.settings();
    let locale = settings.locale;
    let office = settings.office.clone().ok_or(Fault::Nowhere)?;
    let fetcher = fetcher(room)?;
    let _turn = room.trying.begin(room)?;
    let matcher = Arc::clone(&settings.keywords.matcher);
    let term = matcher.search_terms().into_iter().map(|term| term.word).next();
    let trial = Trial {
        source: &source,
        fetcher: &fetcher,
        presets: &office.presets,
        term: term.as_deref(),
        pages: 1,
        clock: Arc::clone(&room.console.clock),
        locale,
    };
    let run = tokio::time::timeout(LONGEST, trial.run(Found::by(source.preset().cloned()))).await;
    let (found, problem) = match run {
        Ok(Ok(found)) => (found, None),
        Ok(Err(unfit)) => (Found::default(), Some(unfit.human(&source.name, locale))),
        Err(_) => (Found::default(), Some(too_long(locale).to_owned())),
    };
    let when = When::new(room.now(), &settings);
    let person = room.person.clone();
    let (found, posts) = blocking(move || {
        let posts = posts(found.readings.iter(), &matcher, |unit| person.sees(unit), &when);
        (found, posts)
    })
    .await?;
    let hits: usize = posts.iter().map(|post| post.hits.len()).sum();
    let trails: Vec<Vec<StopLine>> = found.trails.iter().map(|trail| stops(trail, hits, locale)).collect();
    let given = context! {
        name => clean(&source.name),
        path => path_of(&source.name),
        problem => problem.map(|problem| clean(&problem)),
        trails => shown(&trails),
        posts => shown(&posts),
        total => found.posts().count(),
        fields => shown(&fields(&found.explanations, locale)),
        problems => shown(&found.all_problems(locale).iter().map(|one| clean(one)).collect::<Vec<_>>()),
    };
    Ok(room.pages.render(room, "source_trial.html", given)?.into_response())
}

pub(super) const fn too_long(locale: Locale) -> &'static str {
    locale.pick(
        "22 秒内没有看完：网站应答慢，或要隔一段时间才能再访问，请稍后再试",
        "not done within 22 s: the site is slow, or wants a pause between two requests; try again later",
    )
}

/// The stops of a trail, with the last one once the rules were tried: they are when there are posts.
fn stops(trail: &[Stop], hits: usize, locale: Locale) -> Vec<StopLine> {
    let reached = trail.iter().any(|stop| stop.stage == Stage::Posts && stop.passed == Passed::Yes);
    let line = |stop: &Stop| {
        if !(reached && stop.stage == Stage::Rules) {
            return StopLine::of(stop, locale);
        }
        let detail = match (hits, locale) {
            (0, _) => locale.pick("列出的帖子没有命中", "none of the posts shown meets a rule").to_owned(),
            (hits, Locale::ZhCn) => format!("列出的帖子命中 {hits} 处"),
            (hits, Locale::En) => format!("{hits} hits in the posts shown"),
        };
        StopLine::of(&Stop { stage: Stage::Rules, passed: Passed::Yes, detail }, locale)
    };
    trail.iter().map(line).collect()
}
