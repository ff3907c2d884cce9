//! 人工录入: somebody enters what came by telephone or on paper, or what no source shows: link or text, who told us, since
//! when, and a screenshot if there is one.

use axum::{
    body::to_bytes,
    extract::{FromRequest as _, Multipart, Request},
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    asked,
    course::local_time,
    fault::Fault,
    upload::{Given, cut_off, kept, read_parts},
    view::{clean, link},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::{Act, FileBody, HandEntry, IncidentId},
    store::Beside,
};

/// Characters of a name, of a line and of a text at most.
const NAME: usize = 40;
const LINE: usize = 200;
const TEXT: usize = 5_000;
/// Bytes of the form when it brings no file.
const PLAIN: usize = 64 * 1_024;
/// What happened longer ago is a slip of the year.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

pub(super) async fn enter(room: Visit, request: Request) -> Response {
    match taken(&room, request).await {
        Ok(Some((id, done))) => Redirect::to(&format!("/incidents/{id}?done={done}")).into_response(),
        Ok(None) => Redirect::to("/incidents").into_response(),
        Err(fault) => fault.page(&room),
    }
}

async fn taken(room: &Visit, request: Request) -> Result<Option<(IncidentId, &'static str)>, Fault> {
    let settings = room.settings();
    let mut given = read(request, settings.locale).await?;
    given.sign(&room.signs(&given.text("by")));
    let entry = entry(&given, settings.locale, &settings.zone, room.now())?;
    let by = entry.by.clone();
    // Looked at before anything is entered: a file that is not taken stops the form, and nothing is entered twice.
    let file = given.file.as_ref().filter(|(_, body)| !body.is_empty());
    let file = file.map(|file| kept(file, settings.locale)).transpose()?;
    let key = entry.key();
    room.act(Act::Enter { entry: Box::new(entry) }, None).await?;
    let Some(id) = asked(room.store().incidents_of_post(&key)).await?.into_iter().next() else {
        return Ok(None);
    };
    let Some((name, size, body)) = file else { return Ok(Some((id, "entered"))) };
    Ok(Some((id, attached(room, id, name, size, body, by).await)))
}

/// The entry stands whatever becomes of its screenshot; the page says so.
async fn attached(
    room: &Visit,
    id: IncidentId,
    name: String,
    size: u64,
    file: FileBody,
    by: String,
) -> &'static str {
    let act = Act::Attach { incident: id, name, size, sha256: file.sha256.clone(), by };
    match room.act(act, Some(Beside::File(file))).await {
        Ok(()) => "entered_file",
        Err(error) => {
            tracing::warn!(%error, incident = id.0, "an entry's screenshot was not taken");
            "entered_only"
        }
    }
}

/// With a file it comes in parts; without one, programs and old pages send plain fields.
async fn read(request: Request, locale: Locale) -> Result<Given, Fault> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let parts = Multipart::from_request(request, &()).await.map_err(|_| cut_off(locale))?;
        return read_parts(parts, locale).await;
    }
    let body = to_bytes(request.into_body(), PLAIN).await.map_err(|_| {
        Fault::Form(locale.pick("内容太长或没有传完整", "too long, or it did not arrive whole"))
    })?;
    let fields = url::form_urlencoded::parse(&body);
    Ok(Given { fields: fields.into_owned().collect(), file: None })
}

fn entry(
    given: &Given,
    locale: Locale,
    zone: &jiff::tz::TimeZone,
    now: Timestamp,
) -> Result<HandEntry, Fault> {
    let field = |name: &str, most: usize| given.text(name).chars().take(most).collect::<String>();
    let need = |name: &str, most: usize, missing: &'static str| {
        let text = field(name, most);
        if text.is_empty() { Err(Fault::Form(missing)) } else { Ok(text) }
    };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let count = |name: &str| match some(field(name, 20)) {
        None => Ok(None),
        Some(text) => text
            .replace([',', '，'], "")
            .parse::<u64>()
            .map(Some)
            .map_err(|_| Fault::Form(locale.pick("数字写成 12000", "write numbers as 12000"))),
    };
    let address = some(field("url", 2_000));
    if address.as_deref().is_some_and(|address| link(address).is_none()) {
        let words = "链接要以 http:// 或 https:// 开头；没有链接请留空";
        return Err(Fault::Form(locale.pick(words, "an address begins with http:// or https://")));
    }
    Ok(HandEntry {
        id: need("id", NAME, locale.pick("请重新打开页面", "open the page again"))?,
        unit: need("unit", LINE, locale.pick("请选择单位", "choose a unit"))?,
        gist: need("gist", LINE, locale.pick("请写概要", "say what it is about"))?,
        text: field("text", TEXT),
        source: came(&field("source", NAME), &field("teller", NAME), locale),
        tier: some(field("tier", NAME)),
        url: address,
        views: count("views")?,
        reposts: count("reposts")?,
        comments: count("comments")?,
        happened_at: happened(&field("at", NAME), locale, zone, now)?,
        by: need("by", NAME, locale.pick("请写录入人", "say who enters it"))?,
        missed: field("missed", LINE),
        drill: !field("drill", 1).is_empty(),
    })
}

/// By what way it came, and who told us: `电话（县委宣传部）`.
fn came(source: &str, teller: &str, locale: Locale) -> String {
    let source = if source.is_empty() { locale.pick("电话", "telephone") } else { source };
    match (teller.is_empty(), locale) {
        (true, _) => source.to_owned(),
        (false, Locale::ZhCn) => format!("{source}（{teller}）"),
        (false, Locale::En) => format!("{source} ({teller})"),
    }
}

/// Since when: not in the future, and in no year that is surely a slip.
fn happened(
    text: &str,
    locale: Locale,
    zone: &jiff::tz::TimeZone,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let Some(at) = local_time(text, zone, locale)? else { return Ok(None) };
    if at > now {
        let words = "发生时间晚于现在，请核对";
        return Err(Fault::Form(locale.pick(words, "it cannot have happened in the future")));
    }
    if now.duration_since(at) > LONG_AGO {
        let words = "发生时间早于十年前，请核对年份";
        return Err(Fault::Form(locale.pick(words, "more than ten years ago: look at the year")));
    }
    Ok(Some(at))
}

impl Given {
    /// A field, cleaned; empty when it did not come.
    pub fn text(&self, name: &str) -> String {
        self.fields.get(name).map_or_else(String::new, |text| clean(text))
    }
}
