//! A new source (添加信源): an address is pasted, the daemon looks what it is, the person chooses by what it gave, names it,
//! reads the lines that would be written, and saves them. Three forms, each a page of its own, so that it works without
//! script; nothing is kept between them but what the forms carry, and all of that is checked anew.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Form,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};
use url::{
    Url,
    form_urlencoded::{Serializer, parse},
};

use super::trial::{LONGEST, PostLine, StopLine, fetcher, posts, too_long};
use crate::{
    collect::{
        fetch::vet,
        probe::{
            detect::{Candidate, Detected, Detective, Way},
            trail::{Passed, Stage},
        },
    },
    config::{
        Office,
        edit::{fields::FieldError, id_of},
        preset::{Proof, parse_span},
        source::written::{ADDED, NewSource},
    },
    console::{
        editing::form::{self, Change, Formed, Sent},
        fault::Fault,
        files::{self, blocking},
        pages::shown,
        view::{When, beginning, clean, query, short},
        visit::{NAME, Visit},
    },
    locale::Locale,
};

/// Characters of an address and of a name.
const ADDRESS: usize = 2_000;
const LONGEST_NAME: usize = 60;
/// Time left for the page after the last look.
const RESERVE: Duration = Duration::from_secs(2);
/// Intervals that are offered.
const INTERVALS: [&str; 7] = ["1min", "2min", "5min", "10min", "30min", "1h", "6h"];

/// The fields of all three forms.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    #[serde(rename = "do")]
    wish: String,
    address: String,
    private: String,
    preset: String,
    url: String,
    base: String,
    parameters: String,
    name: String,
    interval: String,
    unit: String,
    by: String,
}

impl Fields {
    fn taken(mut self) -> Self {
        for field in [&mut self.address, &mut self.url, &mut self.base, &mut self.parameters] {
            *field = field.trim().chars().filter(|c| !c.is_control()).take(ADDRESS).collect();
        }
        (self.name, self.by) = (short(&self.name, LONGEST_NAME), short(&self.by, NAME));
        // Whoever pastes an address without its scheme means the web.
        if !self.address.is_empty() && !self.address.contains("://") {
            self.address = format!("https://{}", self.address);
        }
        self
    }

    fn is_private(&self) -> bool {
        !self.private.is_empty()
    }
}

/// A candidate as the page offers it.
#[derive(Serialize)]
struct Offer {
    preset: String,
    title: String,
    proof: &'static str,
    is_proved: bool,
    known: bool,
    /// Whether the address is the preset's own, made for what was pasted.
    made: bool,
    /// What was read.
    read: String,
    url: String,
    base: String,
    parameters: String,
    name: String,
    total: usize,
    posts: Vec<PostLine>,
}

pub(in super::super) async fn page(room: Visit) -> Response {
    first(&room, &Fields::default(), None).unwrap_or_else(|fault| fault.page(&room))
}

pub(in super::super) async fn act(room: Visit, Form(fields): Form<Fields>) -> Response {
    let mut fields = fields.taken();
    fields.by = room.signs(&fields.by);
    let done = async {
        match fields.wish.as_str() {
            "look" => look(&room, &fields).await,
            "save" => save(&room, &fields).await,
            _ => choose(&room, &fields, None, StatusCode::OK),
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

/// The office whose files are written; none can be when they are those that ship inside the program.
fn office_of(room: &Visit) -> Result<Arc<Office>, Fault> {
    let office = room.settings().office.clone().filter(|office| office.folder.disk().is_some());
    office.ok_or(Fault::Nowhere)
}

/// The first form, with what came of the last look when it was nothing.
fn first(room: &Visit, fields: &Fields, found: Option<minijinja::Value>) -> Result<Response, Fault> {
    office_of(room)?;
    let base = context! { step => 1, address => fields.address.clone(), private => fields.is_private() };
    let given = match found {
        Some(found) => context! { ..found, ..base },
        None => context! {
            problem => (), trail => shown(&Vec::<StopLine>::new()), notes => shown(&Vec::<String>::new()),
            offers => shown(&Vec::<Offer>::new()), looked => false, inner => false, ..base
        },
    };
    Ok(room.pages.render(room, "source_new.html", given)?.into_response())
}

/// Looks at the pasted address.
async fn look(room: &Visit, fields: &Fields) -> Result<Response, Fault> {
    let settings = room.settings();
    let locale = settings.locale;
    let office = office_of(room)?;
    let fetcher = fetcher(room)?;
    let _turn = room.trying.begin(room)?;
    let until = tokio::time::Instant::now() + LONGEST.saturating_sub(RESERVE);
    let detective = Detective {
        fetcher: &fetcher,
        presets: &office.presets,
        clock: Arc::clone(&room.console.clock),
        allow_private: fields.is_private(),
        until,
        locale,
    };
    let looked = tokio::time::timeout(LONGEST, detective.look(&fields.address)).await;
    let (detected, late) = match looked {
        Ok(detected) => (detected, false),
        Err(_) => (Detected::default(), true),
    };
    let inner = detected.trail.iter().any(|stop| stop.stage == Stage::Guard && stop.passed == Passed::No);
    let arrived = detected.trail.iter().any(|stop| stop.stage == Stage::Fetch && stop.passed == Passed::Yes);
    let problem = match (late, detected.candidates.is_empty(), arrived) {
        (true, ..) => Some(too_long(locale)),
        (_, false, _) => None,
        (_, true, true) => Some(locale.pick(
            "网页取回来了，但没有认出帖子或新闻的列表：请贴版块、栏目或订阅的网址，不是首页或一篇文章的网址",
            "the page came, but no list of posts or news was found on it: paste the address of a board, a column or a feed",
        )),
        (_, true, false) => {
            Some(locale.pick("没有取到这个网址，原因见下", "the address could not be fetched; see why below"))
        }
    };
    let when = When::new(room.now(), &settings);
    let (title, matcher) = (detected.title.clone(), Arc::clone(&settings.keywords.matcher));
    let trail: Vec<StopLine> = detected.trail.iter().map(|stop| StopLine::of(stop, locale)).collect();
    let notes: Vec<String> = detected.notes.iter().map(|note| clean(note)).collect();
    let offers = blocking(move || {
        let offer = |one: Candidate| {
            let posts = posts(std::iter::once(&one.reading), &matcher, |_| true, &when);
            Offer::of(&one, posts, &title, locale)
        };
        detected.candidates.into_iter().map(offer).collect::<Vec<_>>()
    })
    .await?;
    let found = context! {
        problem, inner, looked => true,
        trail => shown(&trail), notes => shown(&notes), offers => shown(&offers),
    };
    first(room, fields, Some(found))
}

impl Offer {
    fn of(one: &Candidate, posts: Vec<PostLine>, title: &str, locale: Locale) -> Self {
        let (url, base, parameters) = match &one.way {
            Way::Url(url) => (url.clone(), String::new(), String::new()),
            Way::Parameters { base, parameters } => {
                let written = Serializer::new(String::new()).extend_pairs(parameters).finish();
                (String::new(), base.clone().unwrap_or_default(), written)
            }
        };
        let host = Url::parse(&one.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let name = if title.is_empty() { host.unwrap_or_default() } else { short_title(title) };
        Self {
            preset: one.preset.name.clone(),
            title: clean(&one.preset.title),
            proof: one.preset.proof.human(locale),
            is_proved: matches!(one.preset.proof, Proof::Recorded | Proof::Rewritten),
            known: one.known,
            made: matches!(one.way, Way::Parameters { .. }),
            read: clean(&one.url),
            url,
            base,
            parameters,
            name,
            total: one.reading.posts.len(),
            posts,
        }
    }
}

/// A title without what every page of the site ends with.
fn short_title(title: &str) -> String {
    let title = clean(title);
    let parts = title.split([' ', '-', '_', '|', '—', '–']).filter(|part| !part.trim().is_empty());
    let short: Vec<&str> = parts.take(2).map(str::trim).collect();
    beginning(&short.join(" "), LONGEST_NAME / 2)
}

/// The source that the second form describes.
fn wanted(room: &Visit, office: &Office, fields: &Fields) -> Result<NewSource, String> {
    let locale = room.settings().locale;
    let pick = |zh: &str, en: &str| locale.pick(zh, en).to_owned();
    let preset = office.presets.get(&fields.preset);
    let preset = preset.ok_or_else(|| pick("没有这种读法（预设）", "there is no such preset"))?;
    if fields.name.is_empty() {
        return Err(pick("请给信源起一个名称", "name the source"));
    }
    if !fields.interval.is_empty() && parse_span(&fields.interval).is_none() {
        return Err(pick("间隔写成 5min、1h 这样", "write the interval as 5min or 1h"));
    }
    for address in [&fields.url, &fields.base].into_iter().filter(|address| !address.is_empty()) {
        vet(address, fields.is_private()).map_err(|error| error.human(locale))?;
    }
    let units = room.units();
    let unit = Some(fields.unit.clone()).filter(|unit| !unit.is_empty());
    if unit.as_ref().is_some_and(|unit| !units.contains(unit)) {
        return Err(pick("没有这个单位", "there is no such unit"));
    }
    let parameters: BTreeMap<String, String> = parse(fields.parameters.as_bytes()).into_owned().collect();
    let named = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !parameters.keys().all(|name| named(name)) {
        return Err(pick("网址的参数不对", "the address's parameters are wrong"));
    }
    let usual = fields.interval.is_empty() || parse_span(&fields.interval) == Some(preset.interval);
    Ok(NewSource {
        kind: preset.reader.kind().to_owned(),
        name: fields.name.clone(),
        preset: preset.name.clone(),
        // A brace would be taken for a parameter.
        url: Some(fields.url.replace('{', "%7B").replace('}', "%7D")).filter(|url| !url.is_empty()),
        base: Some(fields.base.clone()).filter(|base| !base.is_empty()),
        parameters,
        interval: Some(fields.interval.clone()).filter(|_| !usual),
        allow_private: fields.is_private(),
        units: unit.into_iter().collect(),
    })
}

/// The second form: name and interval, and the lines that would be written.
fn choose(
    room: &Visit,
    fields: &Fields,
    problems: Option<Vec<String>>,
    status: StatusCode,
) -> Result<Response, Fault> {
    let office = office_of(room)?;
    let preset = office.presets.get(&fields.preset).ok_or(Fault::Nowhere)?;
    let usual = crate::config::duration::written(preset.interval);
    let (lines, wrong) = match wanted(room, &office, fields) {
        Ok(source) => (Some(source.lines()), None),
        Err(why) => (None, Some(why)),
    };
    // The first time nobody has done anything wrong yet.
    let problems = problems.or_else(|| wrong.map(|why| vec![why])).unwrap_or_default();
    let mut intervals: Vec<String> = INTERVALS.iter().map(|one| (*one).to_owned()).collect();
    if !intervals.contains(&usual) {
        intervals.push(usual.clone());
    }
    let chosen = if fields.interval.is_empty() { usual.clone() } else { fields.interval.clone() };
    let given = context! {
        step => 2,
        address => fields.address.clone(), private => fields.is_private(),
        preset => preset.name.clone(), title => clean(&preset.title),
        url => fields.url.clone(), base => fields.base.clone(), parameters => fields.parameters.clone(),
        name => fields.name.clone(), interval => chosen, usual, intervals,
        unit => fields.unit.clone(), units => room.units(),
        by => fields.by.clone(),
        lines, file => ADDED, file_id => id_of(ADDED),
        problems => shown(&problems.iter().map(|one| clean(one)).collect::<Vec<_>>()),
    };
    Ok((status, room.pages.render(room, "source_new.html", given)?).into_response())
}

/// The source below what stands in its file: where two people add one at the same moment, both stand there.
impl Change for NewSource {
    fn touched(&self, _text: &str) -> String {
        String::new()
    }

    fn made(&self, text: &str) -> Result<String, FieldError> {
        Ok(self.appended(text))
    }

    fn called(&self, _key: &str) -> Option<&'static str> {
        None
    }

    fn of_unit(&self) -> Option<String> {
        None
    }
}

async fn save(room: &Visit, fields: &Fields) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let office = office_of(room)?;
    let refused =
        |problems: Vec<String>| choose(room, fields, Some(problems), StatusCode::UNPROCESSABLE_ENTITY);
    let source = match wanted(room, &office, fields) {
        Ok(source) => source,
        Err(why) => return refused(vec![why]),
    };
    let open = files::open(room, &id_of(ADDED), None).await?;
    let note = format!("{}：{}", locale.pick("添加信源", "source added"), source.name);
    let sent = Sent { base: open.version, by: fields.by.clone(), note };
    match form::save(room, &open.file, &sent, &source).await? {
        Formed::Done(_) => {
            let done = query([("done", "added"), ("name", &source.name)]);
            Ok(Redirect::to(&format!("/sources?{done}")).into_response())
        }
        Formed::Not { words, .. } => refused(words),
    }
}
