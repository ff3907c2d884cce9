//! Who may come in, and what each may do (账号与权限).
//!
//! A [`Person`] stands behind every request: somebody with an account who logged in, a program with a token, the
//! host's own command, or whoever sits at a machine whose office asks for no login. What a person may do is a set of
//! [`Need`]s, given by the [`Role`]; whose incidents they see is given by their units. Each route names its need once,
//! in [`doors`]. Accounts, sessions, tokens and invitations are one [`Book`], kept in the store by the [`Keeper`];
//! secrets are kept as hashes only.

mod book;
pub(super) mod doors;
mod keeper;
mod password;
mod person;
mod secret;
mod tokens;
mod totp;

pub use book::{Account, Book, BookError, Invitation, Session, SessionId};
pub use doors::Door;
pub use keeper::{FIRST, Keeper};
pub use password::{Passwords, weakness};
pub use person::{How, Need, Person, Role, Units};
pub use secret::Secret;
pub use tokens::{NewToken, Token};
pub use totp::{Totp, code_at};

use super::papers::APPROVED;
use crate::{config::edit::FileKind, model::Act};

/// What changing a file of the office needs: sources and settings are the administrator's, all others the office's.
pub(super) const fn need_of_file(kind: FileKind) -> Need {
    match kind {
        FileKind::Settings | FileKind::Sources => Need::Administer,
        FileKind::Keywords
        | FileKind::Contacts
        | FileKind::Rota
        | FileKind::Holidays
        | FileKind::SensitiveDates
        | FileKind::Plan => Need::Office,
    }
}

/// What an act needs of whoever does it. Confirming for oneself is less than confirming for somebody who called.
pub(super) fn need_of(act: &Act, person: &Person) -> Need {
    match act {
        Act::Acknowledge { contact, .. } if person.contact.as_ref() == Some(contact) => Need::Confirm,
        Act::Mute { .. }
        | Act::Unmute { .. }
        | Act::PauseSource { .. }
        | Act::ResumeSource { .. }
        | Act::PollSource { .. } => Need::Watch,
        Act::EditFile { .. }
        | Act::TestContact { .. }
        | Act::Emergency { .. }
        | Act::Silence { .. }
        | Act::EndSilence { .. }
        | Act::FileMonthly { .. } => Need::Office,
        Act::Paper { what, .. } if what == APPROVED => Need::Approve,
        Act::Forget { .. } | Act::Access { .. } | Act::TakePlan { .. } => Need::Administer,
        _ => Need::Handle,
    }
}
