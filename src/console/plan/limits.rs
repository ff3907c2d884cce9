//! `/plan/limits`: the numbers of a unit's plan. Those that the plan marks 本单位可改 are fields; the others are what the
//! document prescribes, and bear none.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, RawForm},
    response::Response,
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        editing::{self, form::Change, page::After},
        fault::Fault,
        fields::Fields,
        files::{self, Open},
        pages::shown,
        view::{clean, query},
        visit::Visit,
    },
    Said, changed, office, rendered,
};
use crate::{
    config::{
        edit::{
            self, FileKind,
            fields::{
                FieldError,
                limits::{self, LimitField, LimitKind, put_limits},
            },
        },
        shipped,
    },
    locale::Locale,
};

/// Characters of a field.
const FIELD: usize = 300;

/// How a key is called.
fn word(key: &str, locale: Locale) -> &'static str {
    let (zh, en) = match key {
        "report" => ("报告时限", "report"),
        "acknowledge" => ("签收时限", "confirm"),
        "response" => ("公开回应", "public answer"),
        "within" => ("时限", "within"),
        "every" => ("每隔", "every"),
        "remind" => ("逾期后再催", "reminded every"),
        "wait" => ("等多久通知下一步", "wait"),
        "circular" => ("通报", "circular"),
        "after" => ("逾期多久以后", "after"),
        "to" => ("通知谁", "to"),
        "unassigned" => ("没有批办时通知谁", "while nobody is assigned"),
        "growth_below" => ("每小时新增浏览少于", "new views an hour below"),
        "for" => ("持续", "for"),
        "subsides" => ("平息", "subsides"),
        "digest" => ("舆情动态", "digest"),
        "at" => ("每天几点", "daily at"),
        "monthly" => ("月报", "monthly report"),
        "day" => ("次月几日以前", "day of the next month"),
        "same_day_cutoff" => ("“当日”截止", "end of the same day"),
        "views_over" => ("浏览超过", "views over"),
        "reposts_over" => ("转发超过", "reposts over"),
        "comments_over" => ("评论超过", "comments over"),
        "growth_over" => ("一小时新增浏览超过", "new views an hour over"),
        "sites_at_least" => ("至少几个站点", "sites at least"),
        "min_sites" => ("浏览参加定级的最少站点", "least sites for views"),
        "count_shares" => ("短视频分享算转发", "shares count as reposts"),
        "statement_window" => ("沉寂多久不再比对", "silent for"),
        "warn_at" => ("时限用去百分之几提醒", "warned at percent"),
        "office_hours" => ("工作时间", "office hours"),
        "emergency" => ("自动应急值守", "emergency mode for"),
        "channels" => ("通道", "channels"),
        "copies" => ("抄送", "copies"),
        "overdue_to" => ("逾期另告知", "also told when overdue"),
        "administrators" => ("管理员", "administrators"),
        "states" => ("事件状态", "states"),
        "everyone" => ("每人都须签收", "everyone"),
        "tiers" => ("等级", "tiers"),
        "kinds" => ("类别", "kinds"),
        "limit" => ("事项", "task"),
        _ => ("", ""),
    };
    locale.pick(zh, en)
}

/// What a value is called: whose it is, and what.
fn called(field: &LimitField, locale: Locale) -> (String, String) {
    let whose = field.names.iter().filter(|name| name.parse::<usize>().is_err()).map(|name| clean(name));
    let whose = whose.collect::<Vec<_>>().join(" · ");
    let keys = field.keys.iter().filter(|key| !matches!(key.as_str(), "tier" | "lines" | "steps"));
    let mut what: Vec<&str> = Vec::new();
    for key in keys {
        let word = word(key, locale);
        // A task is called by its name.
        if key != "limit" || whose.is_empty() {
            what.push(if word.is_empty() { key } else { word });
        }
    }
    let whose =
        if whose.is_empty() { locale.pick("整个预案", "the whole plan").to_owned() } else { whose };
    (whose, clean(&what.join(locale.pick("：", ": "))))
}

/// Changed values.
struct LimitChange(Vec<(String, String)>);

impl Change for LimitChange {
    fn touched(&self, text: &str) -> String {
        let fields = limits::all(text).unwrap_or_default();
        let touched = fields.iter().filter(|field| self.0.iter().any(|(path, _)| *path == field.path));
        touched.map(|field| format!("{} = {}\n", label(field), field.value)).collect()
    }

    fn made(&self, text: &str) -> Result<String, FieldError> {
        put_limits(text, &self.0, label)
    }

    fn called(&self, key: &str) -> Option<&'static str> {
        Some(word(key, Locale::ZhCn)).filter(|word| !word.is_empty())
    }

    fn of_unit(&self) -> Option<String> {
        None
    }
}

fn label(field: &LimitField) -> String {
    let (whose, what) = called(field, Locale::ZhCn);
    format!("{whose} {what}")
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    path: String,
    label: String,
    value: String,
    /// What stands in the field: the value, or what was typed.
    typed: String,
    /// What ships; empty when nothing does or it is the same.
    usual: String,
    hint: &'static str,
    line: usize,
    open: bool,
}

/// Which plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    plan: String,
    done: String,
}

pub(in super::super) async fn page(room: Visit, Query(asked): Query<Asked>) -> Response {
    let page = async {
        let open = open(&room, &asked.plan).await?;
        show(&room, &open, &After { done: asked.done }.into(), &BTreeMap::new())
    };
    page.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// The file of a plan that this person sees.
async fn open(room: &Visit, plan: &str) -> Result<Open, Fault> {
    let office = office(room)?;
    let id = edit::id_of(&edit::plan_file(plan));
    let known = office.plans.contains_key(plan);
    let open = editing::open(room, &id).await?;
    if known && open.file.kind == FileKind::Plan { Ok(open) } else { Err(Fault::Nowhere) }
}

const fn hint(kind: LimitKind, locale: Locale) -> &'static str {
    match kind {
        LimitKind::Number => locale.pick("整数", "a whole number"),
        LimitKind::Length => locale.pick("如 5min、2h、1d，也可写 5分钟", "as 5min, 2h, 1d"),
        LimitKind::Time => locale.pick("如 17:30", "as 17:30"),
        LimitKind::Flag => locale.pick("是 或 否", "是 (yes) or 否 (no)"),
        LimitKind::List => locale.pick("几项之间用“、”", "items with 、 between"),
    }
}

fn show(room: &Visit, open: &Open, said: &Said, typed: &BTreeMap<String, String>) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let read = limits::all(&open.text);
    let broken = read.is_err();
    let shipped = limits::all(shipped::file(&open.file.name).unwrap_or_default()).unwrap_or_default();
    let may_change = editing::may_change(room, open);
    let mut groups: Vec<Group> = Vec::new();
    for field in read.unwrap_or_default() {
        let (name, label) = called(&field, locale);
        let usual = shipped.iter().find(|one| one.path == field.path).map(|one| one.value.clone());
        let row = Row {
            label,
            typed: typed.get(&field.path).cloned().unwrap_or_else(|| clean(&field.value)),
            usual: usual.filter(|usual| *usual != field.value).map(|usual| clean(&usual)).unwrap_or_default(),
            value: clean(&field.value),
            hint: hint(field.kind, locale),
            line: field.line,
            open: field.open && may_change,
            path: field.path,
        };
        // Lists of whom to tell are in the plan's table; here stands only what an office may change of them.
        if field.kind == LimitKind::List && !field.open {
            continue;
        }
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { name, rows: vec![row] }),
        }
    }
    let plan = open.file.name.trim_start_matches("plans/").trim_end_matches(".toml");
    let given = context! {
        broken,
        plan,
        title => open.office.plans.get(plan).map(|plan| clean(&plan.title)).unwrap_or_default(),
        groups => shown(&groups),
        may_change,
        is_new => open.bytes.is_none(),
    };
    rendered(room, "plan", "limits.html", open, said, given)
}

pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    let done = async {
        let fields = Fields::of(&form);
        let locale = room.settings().locale;
        let open = open(&room, fields.get("plan")).await?;
        let was: BTreeMap<&str, &str> = fields.beginning("was:").collect();
        let typed: BTreeMap<String, String> = fields
            .beginning("is:")
            .map(|(path, value)| (path.to_owned(), value.chars().take(FIELD).collect()))
            .collect();
        // What was left as it was shown is not this person's wish: somebody else may have changed it meanwhile.
        let wanted = typed.iter().filter(|(path, value)| was.get(path.as_str()) != Some(&value.as_str()));
        let wanted: Vec<(String, String)> =
            wanted.map(|(path, value)| (path.clone(), value.clone())).collect();
        let address = format!("/plan/limits?{}", query([("plan", fields.get("plan"))]));
        if wanted.is_empty() {
            return Ok(editing::done(&address, "same"));
        }
        let note = fields.get("note").to_owned();
        let note = if note.is_empty() { locale.pick("改时限", "limits changed").to_owned() } else { note };
        match changed(&room, &open, &fields, note, &LimitChange(wanted), &address).await? {
            Ok(done) => Ok(done),
            Err(refusal) => {
                let now = files::open(&room, &open.file.id, None).await?;
                show(&room, &now, &refusal.into(), &typed)
            }
        }
    };
    done.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}
