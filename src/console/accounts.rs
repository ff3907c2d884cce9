//! Accounts (账号): the administrator's page of who may come in, and everybody's own page (我的账号) with password, second
//! factor and sessions. Invitations and tokens are shown once, on the page that answers the form that made them.

use axum::{
    extract::RawForm,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use minijinja::{Value, context};
use qrcode::{QrCode, render::svg};
use serde::Serialize;

use super::{
    access::{Account, BookError, FIRST, How, Need, NewToken, Role, Secret, SessionId, Totp, Units},
    fault::Fault,
    fields::{Fields, typed},
    login,
    pages::shown,
    view::{When, clean},
    visit::Visit,
};
use crate::locale::Locale;

fn units_of(fields: &Fields) -> Units {
    Units::of(fields.all("unit").map(str::to_owned))
}

#[derive(Serialize)]
struct AccountLine {
    name: String,
    role: &'static str,
    role_id: &'static str,
    units: Vec<String>,
    contact: String,
    shut: bool,
    invited: bool,
    has_password: bool,
    has_totp: bool,
    sessions: usize,
    seen: Option<String>,
    login: Option<String>,
    is_me: bool,
}

#[derive(Serialize)]
struct TokenLine {
    name: String,
    scopes: Vec<&'static str>,
    units: Vec<String>,
    by: String,
    made: String,
    seen: Option<String>,
    until: Option<String>,
    over: bool,
    /// Whether it ends within a fortnight.
    soon: bool,
}

/// A token ends with its last day, which is the one that is shown.
const ONE_SECOND: SignedDuration = SignedDuration::from_secs(1);
/// A token that ends within so long is marked.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What is shown once.
#[derive(Default, Serialize)]
struct Once {
    /// Whose link or token it is.
    about: String,
    /// The link.
    link: Option<String>,
    /// The token.
    token: Option<String>,
}

pub(super) async fn page(room: Visit) -> Response {
    show(&room, None).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, once: Option<Once>) -> Result<Response, Fault> {
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let book = room.keeper().book().await?;
    let names = |units: &Units| match units {
        Units::All => Vec::new(),
        Units::Of(names) => names.iter().map(|name| clean(name)).collect(),
    };
    let line = |account: &Account| {
        let own: Vec<_> = book.sessions.iter().filter(|session| session.account == account.name).collect();
        AccountLine {
            name: clean(&account.name),
            role: account.role.title(when.locale),
            role_id: account.role.id(),
            units: names(&account.units),
            contact: clean(account.contact.as_deref().unwrap_or_default()),
            shut: account.shut,
            invited: book
                .invitations
                .iter()
                .any(|one| one.account.as_deref() == Some(&account.name) && when.now < one.until),
            has_password: account.password().is_some(),
            has_totp: account.totp.is_some(),
            sessions: own.len(),
            seen: own
                .iter()
                .map(|session| session.seen_at)
                .chain(account.seen_at)
                .max()
                .map(|at| when.ago(at)),
            login: account.login_at.map(|at| when.time(at)),
            is_me: account.name == room.person.name,
        }
    };
    let accounts: Vec<_> = book.accounts.iter().map(line).collect();
    let tokens: Vec<_> = book
        .tokens
        .iter()
        .map(|token| TokenLine {
            name: clean(&token.name),
            scopes: token.scopes.iter().map(|scope| scope.title(when.locale)).collect(),
            units: names(&token.units),
            by: clean(&token.by),
            made: when.time(token.made_at),
            seen: token.seen_at.map(|at| when.ago(at)),
            until: token.until.map(|at| when.day_time(at.saturating_sub(ONE_SECOND).unwrap_or(at))),
            over: !token.holds(when.now),
            soon: token.until.is_some_and(|until| until.duration_since(when.now) < SOON),
        })
        .collect();
    let roles: Vec<_> = Role::ALL.iter().map(|role| (role.id(), role.title(when.locale))).collect();
    let scopes: Vec<_> = Need::ALL.iter().map(|need| (need.id(), need.title(when.locale))).collect();
    let given = context! {
        accounts => shown(&accounts),
        tokens => shown(&tokens),
        roles => shown(&roles),
        scopes => shown(&scopes),
        units => settings.units.clone(),
        once => shown(&once),
    };
    Ok(room.pages.render(room, "accounts.html", given)?.into_response())
}

/// Everything that the page can do, by the button that was pressed.
pub(super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    let fields = Fields::of(&form);
    let done = match fields.get("do") {
        "add" => add(&room, &fields).await,
        "invite" => invite(&room, fields.get("name")).await,
        "change" => change(&room, &fields).await,
        "shut" | "open" => shut(&room, fields.get("name"), fields.get("do") == "shut").await,
        "remove" => remove(&room, fields.get("name")).await,
        "end" => end(&room, fields.get("name")).await,
        "no-totp" => no_totp(&room, fields.get("name")).await,
        "token" => token(&room, &fields).await,
        "no-token" => no_token(&room, fields.get("name")).await,
        _ => Err(Fault::Nowhere),
    };
    let page = match done {
        Ok(None) => return Redirect::to("/accounts").into_response(),
        Ok(Some(once)) => show(&room, Some(once)).await,
        Err(fault) => Err(fault),
    };
    page.unwrap_or_else(|fault| fault.page(&room))
}

type Done = Result<Option<Once>, Fault>;

/// A change of the book, recorded when it was made.
async fn changed<T>(
    room: &Visit,
    what: &str,
    about: &str,
    change: impl FnOnce(&mut super::access::Book) -> Result<T, BookError>,
) -> Result<T, Fault> {
    let locale = room.settings().locale;
    let done = room.keeper().change(change).await?;
    let done = done.map_err(|error| Fault::Form(login::book_fault(error, locale)))?;
    login::record(room, what, about, &room.person.or_said("-"), &room.person.from).await;
    Ok(done)
}

async fn add(room: &Visit, fields: &Fields) -> Done {
    let (locale, now) = (room.settings().locale, room.now());
    let role = role(fields, locale)?;
    let contact = Some(fields.get("contact").to_owned()).filter(|contact| !contact.is_empty());
    let (name, secret) = (fields.get("name").to_owned(), login::new_secret()?);
    changed(room, "account-added", &name, |book| {
        book.add(&name, role, units_of(fields), contact, now)?;
        book.invite(Some(&name), &secret, now)
    })
    .await?;
    Ok(Some(link(room, &name, &secret)))
}

async fn invite(room: &Visit, name: &str) -> Done {
    let (now, secret) = (room.now(), login::new_secret()?);
    changed(room, "invited", name, |book| book.invite(Some(name), &secret, now)).await?;
    Ok(Some(link(room, name, &secret)))
}

/// The link as it is handed to its owner; without a public address its path only, since nobody knows by what name this
/// machine is reached.
fn link(room: &Visit, name: &str, secret: &Secret) -> Once {
    let base = room.settings().public_url.clone().unwrap_or_default();
    Once { about: clean(name), link: Some(format!("{base}{FIRST}{}", secret.shown())), token: None }
}

async fn change(room: &Visit, fields: &Fields) -> Done {
    let (role, units) = (role(fields, room.settings().locale)?, units_of(fields));
    let contact = Some(fields.get("contact").to_owned()).filter(|contact| !contact.is_empty());
    let name = fields.get("name");
    changed(room, "account-changed", name, |book| {
        book.change(name, |account| (account.role, account.units, account.contact) = (role, units, contact))
    })
    .await?;
    Ok(None)
}

async fn shut(room: &Visit, name: &str, shut: bool) -> Done {
    changed(room, "account-changed", name, |book| book.change(name, |account| account.shut = shut)).await?;
    Ok(None)
}

async fn remove(room: &Visit, name: &str) -> Done {
    changed(room, "account-removed", name, |book| book.remove(name)).await?;
    Ok(None)
}

async fn end(room: &Visit, name: &str) -> Done {
    changed(room, "sessions-ended", name, |book| {
        book.end(name, None);
        Ok(())
    })
    .await?;
    Ok(None)
}

async fn no_totp(room: &Visit, name: &str) -> Done {
    changed(room, "second-factor", name, |book| book.change(name, |account| account.totp = None)).await?;
    Ok(None)
}

async fn token(room: &Visit, fields: &Fields) -> Done {
    let (locale, now, secret) = (room.settings().locale, room.now(), login::new_secret()?);
    let scopes = fields.all("scope").filter_map(Need::of_id).collect::<std::collections::BTreeSet<_>>();
    if scopes.is_empty() {
        return Err(Fault::Form(locale.pick("请至少选一项权限", "choose a scope at least")));
    }
    let (name, by) = (fields.get("name").to_owned(), room.person.or_said("-"));
    let until = last_day(room, fields.get("until"))?;
    let new = NewToken { name: name.clone(), scopes, units: units_of(fields), until, by };
    changed(room, "token-added", &name, |book| book.add_token(new, &secret, now)).await?;
    Ok(Some(Once { about: name, link: None, token: Some(secret.shown().to_owned()) }))
}

/// When a token ends whose last day was written; an empty field: never.
fn last_day(room: &Visit, written: &str) -> Result<Option<Timestamp>, Fault> {
    if written.is_empty() {
        return Ok(None);
    }
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let wrong = when.locale.pick("有效期写成 2027-06-30 这样", "write the last day like 2027-06-30");
    let end = when.edge_of_day(written, true).ok_or(Fault::Form(wrong))?;
    let past =
        when.locale.pick("有效期已经过去，请选今天或以后的日期", "that day is over; choose today or later");
    if when.now < end { Ok(Some(end)) } else { Err(Fault::Form(past)) }
}

async fn no_token(room: &Visit, name: &str) -> Done {
    changed(room, "token-removed", name, |book| book.remove_token(name)).await?;
    Ok(None)
}

fn role(fields: &Fields, locale: Locale) -> Result<Role, Fault> {
    Role::of(fields.get("role")).ok_or(Fault::Form(locale.pick("请选择角色", "choose a role")))
}

#[derive(Serialize)]
struct SessionLine {
    id: String,
    from: String,
    begun: String,
    seen: String,
    is_this: bool,
}

pub(super) async fn me(room: Visit) -> Response {
    mine(&room, None, None).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn mine(room: &Visit, totp: Option<&Totp>, done: Option<&str>) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let book = room.keeper().book().await?;
    let Some(account) = book.account(&room.person.name) else { return Err(Fault::Nowhere) };
    let own = book.sessions.iter().filter(|session| session.account == account.name);
    let sessions: Vec<_> = own
        .rev()
        .map(|session| SessionLine {
            id: session.id().0,
            from: clean(&session.from),
            begun: when.time(session.begun_at),
            seen: when.ago(session.seen_at),
            is_this: room.person.how == How::Session(session.id()),
        })
        .collect();
    let given = context! {
        account => clean(&account.name),
        role => account.role.title(when.locale),
        has_totp => account.totp.is_some(),
        sessions => shown(&sessions),
        secret => totp.map(Totp::base32),
        qr => totp.and_then(|totp| drawn(&totp.uri(&account.name))).map(Value::from_safe_string),
        done,
    };
    Ok(room.pages.render(room, "me.html", given)?.into_response())
}

/// A QR code as SVG: squares of ours and nothing of what was put into it.
fn drawn(uri: &str) -> Option<String> {
    let code = QrCode::new(uri).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // The declaration of an XML file has no place inside a page.
    Some(svg.split_once("?>").map_or(svg.clone(), |(_, rest)| rest.to_owned()))
}

/// What somebody does to their own account, by the button that was pressed.
pub(super) async fn act_on_me(room: Visit, RawForm(form): RawForm) -> Response {
    let fields = Fields::of(&form);
    let locale = room.settings().locale;
    let done = async {
        match fields.get("do") {
            "password" => {
                let [present, chosen, again] =
                    ["present", "password", "again"].map(|name| typed(&form, name).into());
                let secret = login::change_password(&room, &room.person, present, chosen, again).await?;
                Ok(login::with_session(&room, "/me", &secret))
            }
            "totp-begin" => {
                let totp = Totp::new();
                let totp =
                    totp.map_err(|error| Fault::Store(crate::store::StoreError::Engine(error.to_string())))?;
                mine(&room, Some(&totp), None).await
            }
            "totp-on" => {
                let wrong = Fault::Form(locale.pick(
                    "动态口令不对，请从头再设一次，并核对手机的时间",
                    "that is not its code; begin again, and check the phone's clock",
                ));
                let mut totp = Totp::of_base32(fields.get("secret")).ok_or(Fault::Nowhere)?;
                if !totp.take(fields.get("code"), room.now()) {
                    return Err(wrong);
                }
                second_factor(&room, Some(totp)).await?;
                mine(&room, None, Some(locale.pick("动态口令已开启", "switched on"))).await
            }
            "totp-off" => {
                let now = room.now();
                let taken = room.keeper().change(|book| {
                    let mut taken = true;
                    book.change(&room.person.name, |account| {
                        taken = account.totp.as_mut().is_none_or(|totp| totp.take(fields.get("code"), now));
                    })?;
                    Ok(taken)
                });
                if !matches!(taken.await?, Ok(true)) {
                    return Err(Fault::Form(locale.pick("动态口令不对", "that is not the present code")));
                }
                second_factor(&room, None).await?;
                mine(&room, None, Some(locale.pick("动态口令已关闭", "switched off"))).await
            }
            "end" => {
                let id = SessionId(fields.get("session").to_owned());
                let name = room.person.name.clone();
                changed(&room, "sessions-ended", &room.person.name, |book| {
                    book.end(&name, Some(&id));
                    Ok(())
                })
                .await?;
                mine(&room, None, Some(locale.pick("已退出该处登录", "ended"))).await
            }
            _ => Err(Fault::Nowhere),
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

async fn second_factor(room: &Visit, totp: Option<Totp>) -> Result<(), Fault> {
    let name = room.person.name.clone();
    changed(room, "second-factor", &room.person.name, |book| {
        book.change(&name, |account| account.totp = totp)
    })
    .await
}
