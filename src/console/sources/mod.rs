//! Sources (信源): the list with the health of each ([`list`]), the page of one ([`one`]) with its week ([`week`]), pauses
//! and looks out of turn ([`acts`]), a trial that shows each step ([`trial`]), and the way in for a new one ([`wizard`]).

pub(super) mod acts;
mod line;
pub(super) mod list;
pub(super) mod one;
mod settings;
pub(super) mod trial;
mod week;
pub(super) mod wizard;

use url::form_urlencoded::byte_serialize;

use super::{fault::Fault, view::clean, visit::Visit};
use crate::config::source::Source;

/// Names that are pages of their own below `/sources/`.
const RESERVED: [&str; 7] = ["new", "mute", "unmute", "pause", "resume", "poll", "probe"];

/// The address of a source's page.
pub(super) fn path_of(name: &str) -> String {
    let encoded = byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let mut path = format!("/sources/{encoded}");
    if RESERVED.contains(&name) {
        // The same name, written so that it is not taken for the other page.
        path = format!("/sources/{}", name.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>());
    }
    path
}

/// The name of the source that a form means: forms carry it as it is shown, without what turns the direction of a line.
fn meant(room: &Visit, shown: &str) -> String {
    let settings = room.settings();
    let sources = settings.office.iter().flat_map(|office| office.sources.iter());
    let mut names = sources.map(|source| &source.name);
    let found = names.find(|name| *name == shown || clean(name) == shown);
    found.map_or_else(|| shown.to_owned(), Clone::clone)
}

/// The source of this name, as the files say, when this person sees it.
fn source_of(room: &Visit, name: &str) -> Result<Source, Fault> {
    let settings = room.settings();
    let office = settings.office.as_ref().ok_or(Fault::Nowhere)?;
    let found = office.sources.iter().find(|source| source.name == name && room.sees_source(source));
    found.cloned().ok_or(Fault::Nowhere)
}
