//! A visit: the console, and the person who stands behind the request. Handlers of routes behind which somebody has to
//! stand take it in place of the bare [`Room`], so that no act can be put to the desk and no incident be shown without
//! asking what this person may do and see.

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};

use super::{
    Room, Settings,
    access::{self, Person, Units},
    asked,
    fault::Fault,
    language, seat,
    view::short,
};
use crate::{
    config::source::Source,
    locale::Locale,
    model::{Act, IncidentId, Notice, PostKey},
    store::{Beside, IncidentView, source_subject},
};

/// Characters of a person's name.
pub(super) const NAME: usize = 40;

/// The room with somebody in it.
#[derive(Clone)]
pub(super) struct Visit {
    room: Room,
    /// Who.
    pub person: Person,
    /// The language that was chosen in this browser.
    language: Option<Locale>,
}

impl Deref for Visit {
    type Target = Room;

    fn deref(&self) -> &Room {
        &self.room
    }
}

impl FromRequestParts<Room> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, room: &Room) -> Result<Self, StatusCode> {
        // Every route that wants a visit stands among the doors, which let nobody through who is nobody.
        let person = parts.extensions.get::<Person>().cloned().ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self::of(room.clone(), person, &parts.headers))
    }
}

impl Visit {
    /// This person in this room.
    pub fn of(room: Room, person: Person, headers: &HeaderMap) -> Self {
        Self { room, person, language: language::chosen(headers) }
    }

    /// What the console goes by, in the language of whoever reads.
    pub fn settings(&self) -> Arc<Settings> {
        language::read_in(self.room.settings(), self.language)
    }

    /// Puts an act to the desk: under the person's name when they have an account, and only when they may do it and see
    /// every incident and unit that it is about.
    ///
    /// # Errors
    /// [`Fault::Forbidden`], [`Fault::Nowhere`] for what they do not see, and what the desk says.
    pub async fn act(&self, mut act: Act, beside: Option<Beside>) -> Result<(), Fault> {
        if !self.person.may(access::need_of(&act, &self.person)) {
            return Err(Fault::Forbidden);
        }
        // Whoever sees every unit need not be asked of which one it is; the desk says what it does not know.
        if self.person.units != Units::All {
            self.sees_all_of(&act).await?;
        }
        if let Act::PauseSource { source, .. } = &act {
            self.can_rest(source)?;
        }
        if act.unit().is_some_and(|unit| !self.person.sees(unit)) {
            return Err(Fault::Nowhere);
        }
        if !self.person.name.is_empty() {
            act.done_by(&self.person.name, self.person.contact.as_deref());
        }
        self.console.inbox.put_from(act, &self.person.from, beside).await?;
        Ok(())
    }

    /// An incident, when this person sees its unit. What they do not see is not there.
    ///
    /// # Errors
    /// [`Fault::Nowhere`], or that the store does not answer.
    pub async fn incident(&self, id: IncidentId) -> Result<IncidentView, Fault> {
        let view = asked(self.store().incident(id)).await?.ok_or(Fault::Nowhere)?;
        if self.person.sees(&view.incident.unit) { Ok(view) } else { Err(Fault::Nowhere) }
    }

    /// Whether a source can be paused: it is in the files, and it is us who look at it.
    fn can_rest(&self, name: &str) -> Result<(), Fault> {
        let settings = self.settings();
        let Some(office) = &settings.office else { return Ok(()) };
        let known = office.sources.iter().find(|source| source.name == name && source.enabled);
        match known.map(|source| source.kind_id()) {
            None => Err(Fault::Form(
                settings.locale.pick("没有这个信源，或已停用", "no such source, or switched off"),
            )),
            Some("push") => {
                let zh = "内容由别的程序送来，请在那个程序里停";
                Err(Fault::Form(settings.locale.pick(zh, "another program sends its posts; stop it there")))
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether this person sees all that an act is about.
    async fn sees_all_of(&self, act: &Act) -> Result<(), Fault> {
        for id in act.incidents() {
            self.incident(id).await?;
        }
        match act {
            Act::Split { incident: None, post, .. } | Act::Forget { post, .. } => self.sees_post(post).await,
            Act::PhoneDone { notice, .. } if notice.incident().is_none() => {
                let notice = asked(self.store().notice(notice)).await?.ok_or(Fault::Nowhere)?;
                if self.sees_notice(&notice) { Ok(()) } else { Err(Fault::Nowhere) }
            }
            Act::EndSilence { id, .. } => {
                let state = asked(self.store().desk_state()).await?;
                let own = state.silences.iter().any(|one| one.id == *id && self.person.sees(&one.unit));
                if own { Ok(()) } else { Err(Fault::Nowhere) }
            }
            Act::PauseSource { source, .. }
            | Act::ResumeSource { source, .. }
            | Act::PollSource { source, .. } => {
                if self.hidden_sources().contains(source) {
                    Err(Fault::Nowhere)
                } else {
                    Ok(())
                }
            }
            Act::Mute { subject, .. } | Act::Unmute { subject, .. } => {
                let hidden = self.hidden_sources().iter().any(|name| source_subject(name) == *subject);
                if hidden { Err(Fault::Nowhere) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// The unit to which a trial of the rules is held: the one that was named, when this person sees it; without a name
    /// all, or the first of theirs.
    ///
    /// # Errors
    /// There is no such unit among theirs.
    pub fn held_to(&self, unit: Option<String>) -> Result<Option<String>, Fault> {
        match unit {
            Some(unit) if self.units().contains(&unit) => Ok(Some(unit)),
            Some(_) => Err(Fault::Nowhere),
            None if self.person.units == Units::All => Ok(None),
            None => self.units().into_iter().next().map(Some).ok_or(Fault::Nowhere),
        }
    }

    /// Whether this person sees a source: one that is read for every unit, or for one of theirs.
    pub fn sees_source(&self, source: &Source) -> bool {
        source.units.is_empty() || source.units.iter().any(|unit| self.person.sees(unit))
    }

    /// Names of the sources that this person does not see; what stands in no file is of no unit.
    pub fn hidden_sources(&self) -> BTreeSet<String> {
        let settings = self.settings();
        let sources = settings.office.iter().flat_map(|office| office.sources.iter());
        sources.filter(|source| !self.sees_source(source)).map(|source| source.name.clone()).collect()
    }

    async fn sees_post(&self, post: &PostKey) -> Result<(), Fault> {
        for id in asked(self.store().incidents_of_post(post)).await? {
            self.incident(id).await?;
        }
        Ok(())
    }

    /// What a search of incidents is held to; empty for whoever sees every unit.
    pub fn within(&self) -> Vec<String> {
        match &self.person.units {
            Units::All => Vec::new(),
            Units::Of(names) => names.iter().cloned().collect(),
        }
    }

    /// The units that this person sees, of those that there are.
    pub fn units(&self) -> Vec<String> {
        self.settings().units.iter().filter(|unit| self.person.sees(unit)).cloned().collect()
    }

    /// Whether this person sees every unit that there is.
    pub fn sees_every_unit(&self) -> bool {
        self.person.units == Units::All || self.settings().units.iter().all(|unit| self.person.sees(unit))
    }

    /// Whether this person sees a notice: one of an incident by its unit, one of a unit by the unit that it says, one of
    /// the machinery when they see every unit.
    pub fn sees_notice(&self, notice: &Notice) -> bool {
        self.person.units == Units::All || self.person.sees(&notice.facts.unit)
    }

    /// In whose name the one button of a card confirms: the account's own contact; without an account, whoever said
    /// that they sit here.
    pub fn seat(&self, headers: &HeaderMap) -> Option<String> {
        if self.person.name.is_empty() { seat::seated(headers) } else { self.person.contact.clone() }
    }

    /// Who acts by a form: the account, else what the form says.
    pub fn signs(&self, said: &str) -> String {
        self.person.or_said(said)
    }

    /// The same where somebody has to.
    ///
    /// # Errors
    /// The words for a form that says no name.
    pub fn signed(&self, said: &str) -> Result<String, &'static str> {
        let name = short(&self.signs(said), NAME);
        let missing = self.settings().locale.pick("请写姓名", "say who you are");
        if name.is_empty() { Err(missing) } else { Ok(name) }
    }
}
