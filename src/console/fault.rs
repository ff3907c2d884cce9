//! What goes wrong on a page, said to a person; and to a program.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde_json::json;

use super::pages::Reader;
use crate::store::{InboxError, StoreError};

/// Why a page cannot be shown or an act was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// There is no such page or incident.
    #[error("no such page")]
    Nowhere,
    /// A login is wanted first.
    #[error("log in first")]
    LoginFirst,
    /// Whoever came may not do this.
    #[error("not allowed")]
    Forbidden,
    /// A field of a form is empty or wrong.
    #[error("{0}")]
    Form(&'static str),
    /// A file of the office, or one that was handed in, cannot be used.
    #[error("{0}")]
    File(String),
    /// The desk said no, or is stopping.
    #[error(transparent)]
    Act(#[from] InboxError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template is wrong: a fault of ours.
    #[error(transparent)]
    Page(#[from] minijinja::Error),
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::Nowhere => StatusCode::NOT_FOUND,
            Self::LoginFirst => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Form(_) | Self::File(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Act(InboxError::Refused(_)) => StatusCode::CONFLICT,
            Self::Act(InboxError::Closed) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The fault as whoever asked for this path reads it: a page, or JSON.
    pub fn answer(self, reader: &impl Reader, path: &str) -> Response {
        if !super::guard::is_for_programs(path) {
            return self.page(reader);
        }
        let (code, message) = match &self {
            Self::Nowhere => ("not_found", "there is no such route, or nothing of yours".to_owned()),
            Self::LoginFirst => (
                "unauthorized",
                "present a token as a bearer; one that was taken back or is past its day opens nothing"
                    .to_owned(),
            ),
            Self::Forbidden => ("forbidden", "the token's scopes do not hold for this".to_owned()),
            Self::Form(what) => ("unreadable", (*what).to_owned()),
            Self::File(why) => ("unreadable", why.clone()),
            Self::Act(InboxError::Refused(why)) => ("refused", why.to_string()),
            Self::Act(InboxError::Closed) => ("stopping", "the desk is stopping; send it again".to_owned()),
            Self::Store(error) => {
                tracing::error!(%error, "the store did not answer the API");
                ("store", "the database does not answer".to_owned())
            }
            Self::Page(error) => {
                tracing::error!(error = %format!("{error:#}"), "a page could not be rendered");
                ("internal", "an internal error".to_owned())
            }
        };
        json(self.status(), code, &message)
    }

    /// The fault as a page with the way back, for whoever came.
    pub fn page(self, reader: &impl Reader) -> Response {
        let room = reader.room();
        let locale = reader.settings().locale;
        let status = self.status();
        let (title, detail) = match &self {
            Self::Nowhere => (locale.pick("没有这一页", "No such page"), String::new()),
            Self::LoginFirst => (locale.pick("请先登录", "Log in first"), String::new()),
            Self::Forbidden => (
                locale.pick("您的账号没有这项权限", "Your account may not do this"),
                locale.pick("如确需办理，请联系管理员", "ask the administrator if you should").to_owned(),
            ),
            Self::Form(what) => (locale.pick("没有办成，请补充后再试", "Not done"), (*what).to_owned()),
            Self::File(why) => (locale.pick("没有办成", "Not done"), why.clone()),
            Self::Act(InboxError::Refused(why)) => (locale.pick("没有办成", "Not done"), why.to_string()),
            Self::Act(InboxError::Closed) => {
                (locale.pick("系统正在停止，没有办成，请稍后再试", "Stopping; not done"), String::new())
            }
            Self::Store(error) => {
                tracing::error!(%error, "the store did not answer the console");
                (locale.pick("数据库没有应答", "The database does not answer"), error.to_string())
            }
            Self::Page(error) => {
                tracing::error!(error = %format!("{error:#}"), "a page could not be rendered");
                (locale.pick("这一页出错了，请看日志", "This page failed; see the log"), String::new())
            }
        };
        match room.pages.render(reader, "fault.html", context! { title, detail => detail.clone() }) {
            Ok(page) => (status, page).into_response(),
            Err(_) => (status, format!("{title}\n{detail}\n")).into_response(),
        }
    }
}

/// The fault as a program reads it: `{"error": {"code", "message"}}`.
pub(super) fn json(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}
