//! A guest: the console, and a browser of whose reader nobody knows more than the language that was chosen in it. Pages
//! in front of the login are rendered for one.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::{Room, Settings, access::Person, language, pages::Reader};
use crate::locale::Locale;

/// The room as seen from its door.
#[derive(Clone)]
pub(super) struct Guest {
    room: Room,
    /// The language that was chosen in this browser.
    language: Option<Locale>,
}

impl Guest {
    /// Whoever sent these headers to this room.
    pub fn of(room: Room, headers: &HeaderMap) -> Self {
        Self { room, language: language::chosen(headers) }
    }
}

impl FromRequestParts<Room> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, room: &Room) -> Result<Self, Infallible> {
        Ok(Self::of(room.clone(), &parts.headers))
    }
}

impl Reader for Guest {
    fn room(&self) -> &Room {
        &self.room
    }

    fn person(&self) -> Option<&Person> {
        None
    }

    fn settings(&self) -> Arc<Settings> {
        language::read_in(self.room.settings(), self.language)
    }
}
