//! One act for several incidents: each becomes an act of its own, and the page says of each what the desk answered.

use axum::{
    body::Bytes,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::Serialize;

use super::query::Asked;
use crate::{
    console::{
        asked,
        fault::Fault,
        pages::shown,
        view::{beginning, clean, short},
        visit::Visit,
    },
    locale::Locale,
    model::{AckHow, Act, Incident, IncidentId, IncidentState},
    store::{InboxError, IncidentSearch, Turn},
};

/// Incidents at a time.
const MOST: usize = 100;
/// Characters of a name and of a text.
const NAME: usize = 40;
const TEXT: usize = 2_000;

/// The form as it came.
#[derive(Default)]
struct Fields {
    ids: Vec<IncidentId>,
    act: String,
    contact: String,
    reason: String,
    by: String,
    query: String,
}

impl Fields {
    fn read(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let text = |most: usize| short(&value, most);
            match name.as_ref() {
                "id" => {
                    let id = value.parse().map(IncidentId).ok();
                    fields.ids.extend(id.filter(|id| !fields.ids.contains(id)));
                }
                "act" => fields.act = text(NAME),
                "contact" => fields.contact = text(NAME),
                "reason" => fields.reason = text(TEXT),
                "by" => fields.by = text(NAME),
                "query" => fields.query = value.into_owned(),
                _ => {}
            }
        }
        fields
    }

    /// What is wrong with the form, before anything is done.
    fn fault(&self, locale: Locale) -> Option<&'static str> {
        let pick = |zh, en| Some(locale.pick(zh, en));
        match self.act.as_str() {
            _ if self.ids.is_empty() => pick("请先勾选事件", "choose incidents first"),
            _ if self.ids.len() > MOST => pick("一次最多处理 100 件", "at most 100 at a time"),
            "acknowledge" if self.contact.is_empty() => pick("请写签收人", "say who confirms"),
            "acknowledge" => None,
            "assign" | "close" if self.by.is_empty() => pick("请写姓名", "say who you are"),
            "assign" if self.contact.is_empty() => pick("请写主办人", "say who leads"),
            "assign" if self.reason.is_empty() => pick("请写批示", "say what is to be done"),
            "close" if self.reason.is_empty() => pick("请写理由", "give a reason"),
            "assign" | "close" => None,
            _ => pick("请选择要办的事", "choose what to do"),
        }
    }

    fn act(&self, incident: IncidentId) -> Act {
        let (by, contact, reason) = (self.by.clone(), self.contact.clone(), self.reason.clone());
        match self.act.as_str() {
            "acknowledge" => {
                // As on the incident's own page: without a name the contact sits at the desk.
                let recorded_by = Some(by).filter(|by| !by.is_empty());
                let how = if recorded_by.is_some() { AckHow::Phone } else { AckHow::Console };
                Act::Acknowledge { incident, contact, rank: None, how, recorded_by, at: None }
            }
            "assign" => Act::Assign { incident, lead: contact, helping: Vec::new(), instruction: reason, by },
            _ => Act::Close { incident, by, reason },
        }
    }
}

/// What became of one.
#[derive(Serialize)]
struct Answer {
    id: u64,
    gist: String,
    taken: bool,
    why: String,
}

pub(in super::super) async fn act(room: Visit, body: Bytes) -> Response {
    let mut fields = Fields::read(&body);
    fields.by = room.signs(&fields.by);
    if let Some(fault) = fields.fault(room.settings().locale) {
        return Fault::Form(fault).page(&room);
    }
    put(&room, &fields).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn put(room: &Visit, fields: &Fields) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let known = gists(room, &fields.ids).await?;
    let mut answers = Vec::new();
    for id in &fields.ids {
        let why = match room.act(fields.act(*id), None).await {
            Ok(()) => None,
            Err(Fault::Act(InboxError::Refused(why))) => Some(clean(&why.to_string())),
            Err(Fault::Act(InboxError::Closed)) => {
                Some(locale.pick("系统正在停止，没有办成，请稍后再试", "stopping; not done").to_owned())
            }
            Err(Fault::Nowhere) => Some(locale.pick("没有这个事件", "there is no such incident").to_owned()),
            Err(Fault::Forbidden) => {
                Some(locale.pick("您的账号没有这项权限", "your account may not do this").to_owned())
            }
            Err(fault) => return Err(fault),
        };
        let gist =
            known.iter().find(|row| row.id == *id).map_or_else(String::new, |row| beginning(&row.gist, 60));
        answers.push(Answer { id: id.0, gist, taken: why.is_none(), why: why.unwrap_or_default() });
    }
    let word = match fields.act.as_str() {
        "acknowledge" => locale.pick("签收", "Confirm"),
        "assign" => locale.pick("批办", "Assign"),
        _ => locale.pick("关闭", "Close"),
    };
    let given = context! {
        act => word,
        taken => answers.iter().filter(|one| one.taken).count(),
        refused => answers.iter().filter(|one| !one.taken).count(),
        answers => shown(&answers),
        back => Asked::read(&fields.query).address(Turn::First),
    };
    Ok(room.pages.render(room, "bulk.html", given)?.into_response())
}

/// What the incidents are about.
async fn gists(room: &Visit, ids: &[IncidentId]) -> Result<Vec<Incident>, Fault> {
    let within = room.within();
    let search = IncidentSearch { ids: ids.to_vec(), limit: MOST, within, ..IncidentSearch::default() };
    let mut known = asked(room.store().search(search.clone())).await?.incidents;
    let merged = IncidentSearch { state: Some(IncidentState::Merged), ..search };
    known.extend(asked(room.store().search(merged)).await?.incidents);
    Ok(known)
}
