//! A site whose pages a test changes, the room that looks at it, and the desk behind.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use yuqing::{
    collect::watchpage::{self, PageRecord},
    config::{self, Folder, source::Source},
    desk::{Change, Desk, Input, Operations, Restored, Setup},
    model::{Act, Incident, Mention, Notice, Unit},
    store::{IncidentFilter, IncidentView},
    time::Clock,
};

use super::super::stage::{Stage, now, serve, sources};

pub const UNIT: &str = "青禾县人民医院";

type Pages = Arc<Mutex<HashMap<String, (StatusCode, &'static str, Vec<u8>)>>>;

/// Pages over real HTTP.
#[derive(Clone, Default)]
pub struct Site {
    pages: Pages,
    pub base: String,
}

impl Site {
    pub async fn new() -> Self {
        let pages = Pages::default();
        let base = serve(Router::new().fallback(answer).with_state(Arc::clone(&pages))).await;
        Self { pages, base }
    }

    pub fn set(&self, path: &str, html: &str) {
        self.put(path, StatusCode::OK, "text/html; charset=utf-8", html.as_bytes());
    }

    pub fn put(&self, path: &str, status: StatusCode, kind: &'static str, body: &[u8]) {
        self.pages.lock().unwrap().insert(path.to_owned(), (status, kind, body.to_vec()));
    }
}

async fn answer(State(pages): State<Pages>, uri: Uri) -> Response {
    let page = pages.lock().unwrap().get(uri.path()).cloned();
    let Some((status, kind, body)) = page else { return StatusCode::NOT_FOUND.into_response() };
    if status.is_redirection() {
        let to = String::from_utf8(body).unwrap();
        return (status, [(header::LOCATION, to)]).into_response();
    }
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The hospital's home page; `extra` stands at its end.
pub fn home(extra: &str) -> String {
    page("青禾县人民医院-首页", extra)
}

pub fn page(title: &str, extra: &str) -> String {
    format!(
        r#"<!DOCTYPE html><html><head><title>{title}</title>
        <meta name="keywords" content="青禾县人民医院,预约挂号">
        <style>.menu-sub {{ display:none }} @media print {{ .nav {{ display:none }} }}</style>
        <script src="/js/jquery.js"></script><script src="https://hm.baidu.com/hm.js?1"></script></head><body>
        <div class="nav"><a href="/">首页</a> <a href="/yygk/">医院概况</a> <a href="http://www.nhc.gov.cn/">国家卫健委</a>
        <ul class="menu-sub"><li><a href="https://partner.example.net/">协作医院</a></li></ul></div>
        <div id="visits">您是第 1024 位访客</div>
        <h1>青禾县人民医院</h1><p>门诊时间：周一至周五 8:00 至 17:30。</p>
        <ul><li>关于春节期间门诊安排的通知</li><li>我院开展义诊活动</li><li>新住院楼正式启用</li>
        <li>2026 年招聘公告</li></ul><p>地址：青禾县人民路 1 号　急诊电话 0000-120</p>
        {extra}</body></html>"#
    )
}

/// The room over a site, with a desk that is fed what the room hands over.
pub struct Room {
    pub stage: Stage,
    pub source: Source,
    desk: Desk,
    rounds: u64,
    /// What the last round handed over.
    pub mentions: Vec<Mention>,
    pub told: Vec<Operations>,
    /// Notices that the desk queued after the last round.
    pub notices: Vec<Notice>,
}

/// A source over these pages; `more` are further keys.
pub fn watch(base: &str, paths: &[&str], more: &str) -> String {
    let urls: Vec<String> = paths.iter().map(|path| format!("\"{base}{path}\"")).collect();
    format!(
        "[[watch]]\nname = \"本院网站\"\nurls = [{}]\nunits = [\"{UNIT}\"]\nvolatile = [\"#visits\"]\n\
         expect = [\"青禾县人民医院\"]\n{more}\n",
        urls.join(", ")
    )
}

impl Room {
    /// Starts, and waits for the first round.
    pub async fn over(text: &str) -> Self {
        let list = sources(text);
        let source = list[0].clone();
        let stage = Stage::new(list, "[不用]\n不用的词\n").start();
        let desk = Desk::new(setup(), Restored::default(), now());
        let mut room =
            Self { stage, source, desk, rounds: 0, mentions: vec![], told: vec![], notices: vec![] };
        room.settle().await;
        room
    }

    /// The next round.
    pub async fn again(&mut self) {
        self.after(SignedDuration::from_mins(12)).await;
    }

    pub async fn after(&mut self, span: SignedDuration) {
        self.stage.advance(span);
        self.settle().await;
    }

    async fn settle(&mut self) {
        self.rounds += 1;
        self.stage.settled("本院网站", self.rounds).await;
        (self.mentions, self.told, self.notices) = (vec![], vec![], vec![]);
        while let Ok(input) = self.stage.inputs.try_recv() {
            match &input {
                Input::Mention(mention) => self.mentions.push((**mention).clone()),
                Input::Operations(told) => self.told.push(told.clone()),
                other => panic!("{other:?}"),
            }
            self.decide(&input).await;
        }
    }

    async fn decide(&mut self, input: &Input) {
        let changes = self.desk.take(input, self.stage.clock.now()).unwrap();
        for change in &changes {
            if let Change::Notice(notice) = change
                && notice.incident.is_some()
            {
                self.notices.push((**notice).clone());
            }
        }
        self.stage.store.commit(changes).await.unwrap();
    }

    pub async fn act(&mut self, act: Act) {
        self.decide(&Input::Act(act)).await;
    }

    pub async fn incidents(&self) -> Vec<Incident> {
        self.stage.store.incidents(IncidentFilter::default()).await.unwrap()
    }

    pub async fn the_incident(&self) -> IncidentView {
        let all = self.incidents().await;
        assert_eq!(all.len(), 1, "one incident");
        self.stage.store.incident(all[0].id).await.unwrap().unwrap()
    }

    pub async fn records(&self) -> Vec<PageRecord> {
        watchpage::records(&self.stage.store, &self.source).await.unwrap()
    }

    /// Nothing was handed over by the last round.
    pub fn is_silent(&self) -> bool {
        self.mentions.is_empty() && self.told.is_empty()
    }

    /// The one mention of the last round is an alarm, and an incident of the tier 重大 with notices.
    pub async fn assert_alarm(&self, words: &str) {
        assert_eq!(self.mentions.len(), 1, "{:?}", self.told);
        let mention = &self.mentions[0];
        assert!(mention.post.text.contains(words), "{}", mention.post.text);
        assert_eq!(mention.hits[0].at_least.as_deref(), Some("major"));
        let shown: String = mention
            .post
            .own_text()
            .chars()
            .skip(mention.hits[0].start as usize)
            .take((mention.hits[0].end - mention.hits[0].start) as usize)
            .collect();
        assert_eq!(shown, mention.hits[0].surface);
        let view = self.the_incident().await;
        assert_eq!(view.incident.plan.tier(view.incident.rank).id, "major");
        assert!(!self.notices.is_empty(), "people are told");
    }
}

fn setup() -> Setup {
    let (office, _) = config::load(&Folder::Shipped).unwrap();
    let plan = config::plan_named(&Folder::Shipped, "work-safety").unwrap();
    let unit = Unit { name: UNIT.into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let contacts: BTreeMap<_, _> =
        office.contacts.shared.iter().map(|contact| (contact.name.clone(), contact.clone())).collect();
    Setup { units: vec![(unit, Arc::new(plan))], contacts, ..Setup::default() }
}

/// Files below the evidence folder.
pub fn evidence(room: &Room) -> Vec<std::path::PathBuf> {
    fn below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                below(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    below(&room.stage.folder.path().join("evidence"), &mut found);
    found
}
