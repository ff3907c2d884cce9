//! Every page of the console, a line each, and consoles on which they can be seen: one on a full day, one on an empty
//! office. What holds for all pages (they are read by everybody, they fit a phone, they weigh little) is asked of this
//! list; a new page is a line here.

use secrecy::SecretString;
use yuqing::{
    config::Login,
    console::access::{Role, Secret},
    desk::{Change, DeskState},
    dispatch::Claim,
    model::{Ack, AckHow, Emergency, IncidentId, IncidentState, Monthly, Plan, Silence, SiteKind},
    store::{RoundRow, SourceState},
};

use super::{
    Stage,
    driver::{Browser, Page},
    keywords_edit::Editing,
    rows::{self, Outside, UNIT, ago, plan},
};

/// A page.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Names its pictures.
    pub name: &'static str,
    /// Its address; `{file}` is the keyword file, `{confirm}` and `{welcome}` are links that hold.
    pub path: &'static str,
    /// What leads on from there, in the page's own words; empty: nothing.
    pub then: &'static str,
    /// Whether it is for whoever has not logged in.
    pub outside: bool,
}

const fn leaf(name: &'static str, path: &'static str) -> Leaf {
    Leaf { name, path, then: "", outside: false }
}

const fn after(name: &'static str, path: &'static str, then: &'static str) -> Leaf {
    Leaf { name, path, then, outside: false }
}

const fn front(name: &'static str, path: &'static str) -> Leaf {
    Leaf { name, path, then: "", outside: true }
}

/// All of them.
pub const LEAVES: &[Leaf] = &[
    leaf("home", "/"),
    leaf("wall", "/wall"),
    leaf("incidents", "/incidents"),
    leaf("incidents-found", "/incidents?q=%E6%8E%92%E9%98%9F&tier=%E7%89%B9%E5%88%AB%E9%87%8D%E5%A4%A7&state=open&site=weibo"),
    leaf("incidents-nothing", "/incidents?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E5%8F%A5&from=x"),
    after(
        "incidents-bulk",
        "/incidents",
        "document.querySelectorAll('#cases tbody input').forEach(function (one) { one.checked = true; });
         bulk.elements.act.value = 'acknowledge'; bulk.elements.contact.value = '带班领导'; bulk.submit()",
    ),
    leaf("incident", "/incidents/1"),
    leaf("incident-small", "/incidents/2?done=close"),
    leaf("incident-closed", "/incidents/3?chart=sites"),
    after(
        "incident-refused",
        "/incidents/1",
        "var form = document.querySelector('form[action$=\"/close\"]'); form.elements.reason.value = ' '; form.submit()",
    ),
    leaf("incident-print", "/incidents/1/print"),
    leaf("incident-form", "/incidents/1/print?kind=registration"),
    leaf("papers", "/papers?month=2026-11"),
    leaf("incident-post", "/incidents/1/post?key=weibo%2Fw1"),
    leaf("notices", "/notices"),
    leaf("sources", "/sources"),
    leaf("source-new", "/sources/new"),
    leaf("plan", "/plan"),
    leaf("plan-contacts", "/plan/contacts"),
    leaf("plan-rota", "/plan/rota"),
    leaf("plan-holidays", "/plan/holidays"),
    leaf("plan-limits", "/plan/limits"),
    leaf("plan-trial", "/plan/trial"),
    leaf("reports", "/reports?month=2026-11"),
    leaf("audit", "/audit"),
    leaf("audit-nothing", "/audit?incident=999&from=x"),
    leaf("system", "/system"),
    leaf("rounds", "/rounds"),
    leaf("keywords", "/keywords"),
    after(
        "keywords-tried",
        "/keywords",
        "var form = document.querySelector('form[action=\"/keywords\"]');
         form.elements.text.value = '青禾县人民医院又乱收费了，排队三小时'; form.submit()",
    ),
    leaf("editor", "/keywords/file/{file}"),
    after(
        "editor-faults",
        "/keywords/file/{file}",
        "var form = document.getElementById('edit'); form.elements.text.value = '[收费]\\n乱收费\\n/(/\\n+\\n';
         form.elements.sample.value = '乱收费'; form.querySelector('[value=check]').click()",
    ),
    leaf("history", "/keywords/file/{file}/history"),
    leaf("version", "/keywords/file/{file}/history/2"),
    after(
        "import",
        "/keywords/file/{file}",
        "var form = document.querySelector('form[action$=\"/import\"]'), held = new DataTransfer();
         held.items.add(new File(['[收费]\\n乱收费\\n高价停车\\n'], '名单.txt')); form.elements.file.files = held.files; form.submit()",
    ),
    leaf("mailbox", "/mailbox"),
    leaf("letter", "/mailbox/email/1"),
    leaf("accounts", "/accounts"),
    after(
        "accounts-link",
        "/accounts",
        "var form = [].filter.call(document.forms, function (one) { return one.querySelector('[value=token]'); })[0];
         form.elements.name.value = '大屏程序'; form.elements.scope[0].checked = true; form.querySelector('[value=token]').click()",
    ),
    leaf("me", "/me"),
    after("me-authenticator", "/me", "document.querySelector('[value=totp-begin]').click()"),
    leaf("fault", "/nowhere"),
    front("login", "/login?next=%2Fincidents"),
    front("welcome", "/welcome/{welcome}"),
    front("welcome-over", "/welcome/none"),
    front("confirm", "/confirm/{confirm}"),
    front("confirm-wrong", "/confirm/none"),
];

/// A console with accounts, and whoever looks at its pages.
pub struct Sheet {
    pub editing: Editing,
    /// The administrator's session.
    pub session: String,
    welcome: String,
    confirm: String,
}

impl Sheet {
    /// A full day: open, overdue, confirmed and closed incidents, calls to make, sources that are ill, silences, an
    /// emergency, accounts, a keyword file with a history.
    pub async fn full(outside: &Outside) -> Self {
        let stage = Stage::with(outside).await;
        stage.store.commit(more_of_the_day(outside)).await.expect("committed");
        for (source, health) in [("县新闻网", "ok"), ("微博搜索", "stale")] {
            let state = SourceState {
                source: source.into(),
                health: health.into(),
                told: format!("source/{source}"),
                why: if health == "ok" { String::new() } else { outside.why.clone() },
                last_good_at: Some(ago(20)),
                posts: 1_204,
                rounds: 310,
                ..SourceState::default()
            };
            stage.store.save_source_state(state).await.expect("kept");
        }
        let round = RoundRow {
            source: outside.source.clone(),
            started_at: ago(700),
            ended_at: ago(690),
            answers: 4,
            posts: 80,
            new: 3,
            trouble: outside.why.clone(),
        };
        stage.store.log_round(round).await.expect("logged");
        let list = "[收费]\r\n乱收费\r\n天价药\r\n\r\n[医院]\r\n青禾县人民医院\r\n";
        let sheet = Self::on(stage, "keywords/名单.txt", list).await;
        for (name, role) in [("王值班", Role::Duty), ("陈领导", Role::Leader)] {
            sheet.stage().person(name, role, &[UNIT]).await;
        }
        sheet
    }

    /// An office in which nothing has happened.
    pub async fn empty() -> Self {
        Self::on(Stage::empty().await, "keywords/名单.txt", "[医院]\n青禾县人民医院\n").await
    }

    async fn on(stage: Stage, file: &str, list: &str) -> Self {
        let editing = Editing::on(stage, file, list.as_bytes());
        let page = editing.open().await;
        let (status, _) = editing.save(&page.base, &format!("{}停车难\n", page.text)).await;
        assert!(status == 303 || status == 200, "{status}");
        editing.take_up();
        let stage = &editing.stage;
        let months = Monthly { name: "舆情月报".into(), day: 3, to: vec!["值班员".into()] };
        let plan = Plan { monthly: Some(months), ..(*plan()).clone() };
        stage.change(|settings| {
            settings.login = Login::Accounts;
            settings.token = Some(SecretString::from(super::CONSOLE_TOKEN));
            settings.plans = [(UNIT.to_owned(), std::sync::Arc::new(plan))].into();
        });
        let session = stage.person("李管理", Role::Administrator, &[]).await;
        let (secret, now) = (Secret::new().expect("randomness"), ago(0));
        let invited = stage.access.change(|book| {
            book.add("赵新来", Role::Office, yuqing::console::access::Units::All, None, now)?;
            book.invite(Some("赵新来"), &secret, now)
        });
        invited.await.expect("written").expect("made");
        let claim =
            Claim { incident: IncidentId(1), rank: 3, contact: "值班员".into(), expires_at: ago(-600) };
        let (welcome, confirm) = (secret.shown().to_owned(), stage.key.token(&claim));
        Self { session, welcome, confirm, editing }
    }

    pub fn stage(&self) -> &Stage {
        &self.editing.stage
    }

    /// The path of a page.
    pub fn path(&self, leaf: &Leaf) -> String {
        let path = leaf.path.replace("{file}", &self.editing.id).replace("{welcome}", &self.welcome);
        path.replace("{confirm}", &self.confirm)
    }

    /// A browser in which the administrator is logged in.
    pub async fn browser(&self) -> Browser {
        let mut browser = Browser::start().await;
        browser.cookie(&self.stage().base, &self.session).await;
        browser
    }

    /// Leads a window to a page.
    pub async fn show(&self, browser: &mut Browser, page: &Page, leaf: &Leaf) {
        // The session's cookie holds for the other name of this machine only.
        let base = &self.stage().base;
        let base = if leaf.outside { base.replace("127.0.0.1", "localhost") } else { base.clone() };
        browser.go(page, &format!("{base}{}", self.path(leaf))).await;
        if !leaf.then.is_empty() {
            browser.lead(page, leaf.then).await;
        }
    }
}

/// What the day of `rows` does not have.
fn more_of_the_day(outside: &Outside) -> Vec<Change> {
    let mut closed = rows::incident(3, 1, outside);
    closed.state = IncidentState::Closed;
    (closed.closed_at, closed.responded_at) = (Some(ago(900)), Some(ago(1_200)));
    let mut confirmed = rows::incident(4, 2, outside);
    confirmed.acks.push(Ack {
        contact: "值班员".into(),
        rank: 2,
        line: None,
        at: ago(120),
        how: AckHow::Console,
        recorded_by: None,
    });
    let silence = Silence {
        id: 1,
        unit: UNIT.into(),
        group: Some(outside.gist.chars().take(12).collect()),
        up_to_rank: 1,
        up_to: "较大".into(),
        from: ago(600),
        until: ago(-7_200),
        by: "王主任".into(),
        comment: outside.why.clone(),
    };
    let emergency = Emergency {
        since: ago(1_800),
        until: Some(ago(-36_000)),
        by: "王主任".into(),
        reason: outside.why.clone(),
    };
    let state = DeskState {
        silences: vec![silence],
        emergencies: [(UNIT.to_owned(), emergency)].into(),
        ..DeskState::default()
    };
    let mut changes = vec![Change::State(state)];
    for incident in [closed, confirmed] {
        changes.push(Change::Post(Box::new(rows::post(
            incident.id.0,
            &format!("m{}", incident.id.0),
            SiteKind::Forum,
            outside,
        ))));
        changes.push(Change::Incident(Box::new(incident)));
    }
    changes
}
