//! The book of accounts: everything about who may come in, as one value with plain operations. Instants and secrets
//! are handed in; nothing here reads a clock, a store or a form.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{How, Need, Person, Role, Secret, Token, Totp, Units};

/// A session ends after so long without a request.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// And after so long in any case.
const WHOLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// That somebody was there is noted this often.
pub(super) const SEEN: SignedDuration = SignedDuration::from_mins(5);
/// How long an invitation holds.
pub(super) const INVITED: SignedDuration = SignedDuration::from_hours(24);
/// Sessions of one account, and of all; the oldest go.
const SESSIONS_EACH: usize = 20;
const SESSIONS: usize = 2_000;
/// Accounts and tokens at most.
pub(super) const MOST: usize = 1_000;
/// Characters of a name.
const NAME: usize = 40;

/// Somebody with an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// What they log in with, and what the audit calls them.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whose incidents they see.
    pub units: Units,
    /// The contact for whom their confirming counts; `None`: one of the account's own name, if there is one.
    #[serde(default)]
    pub contact: Option<String>,
    /// argon2id of the password; empty until they chose one.
    #[serde(default)]
    password: String,
    /// Their second factor.
    #[serde(default)]
    pub totp: Option<Totp>,
    /// Whether they are kept out.
    #[serde(default)]
    pub shut: bool,
    /// Since when. UTC.
    pub made_at: Timestamp,
    /// The last login; `None`: none, or none since it is noted. UTC.
    #[serde(default)]
    pub login_at: Option<Timestamp>,
    /// The last request, to five minutes; it outlives the session. UTC.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

impl Account {
    /// The kept hash of the password; `None` until one was chosen.
    #[must_use]
    pub fn password(&self) -> Option<String> {
        Some(self.password.clone()).filter(|kept| !kept.is_empty())
    }

    /// Whether it is time to note that it is in use.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.seen_at.is_none_or(|seen| now.duration_since(seen).abs() >= SEEN)
    }

    /// The person, come in by a way from somewhere.
    #[must_use]
    pub fn person(&self, how: How, from: &str) -> Person {
        Person {
            name: self.name.clone(),
            contact: Some(self.contact.clone().unwrap_or_else(|| self.name.clone())),
            rights: Need::ALL.into_iter().filter(|need| self.role.may(*need)).collect(),
            units: self.units.clone(),
            how,
            from: from.to_owned(),
        }
    }
}

/// The number of a session among those of an account: the beginning of its hash, which opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);

/// A login that lasts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    hash: String,
    /// Whose.
    pub account: String,
    /// Since when. UTC.
    pub begun_at: Timestamp,
    /// The last request, to five minutes. UTC.
    pub seen_at: Timestamp,
    /// From where it was begun.
    pub from: String,
}

impl Session {
    /// What it is called.
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(self.hash.chars().take(16).collect())
    }

    fn holds(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) < IDLE && now.duration_since(self.begun_at) < WHOLE
    }
}

/// A link by which somebody chooses their password, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    hash: String,
    /// Whose; `None`: the first administrator's, who also chooses the name.
    pub account: Option<String>,
    /// Until when. UTC.
    pub until: Timestamp,
}

/// Why the book was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// There is such an account or token already.
    #[error("there is one of this name already")]
    Exists,
    /// There is no such account, token or session.
    #[error("there is none of this name")]
    Unknown,
    /// No administrator who can come in would be left.
    #[error("the last administrator stays")]
    LastAdministrator,
    /// A name is empty or too long.
    #[error("a name has 1 to 40 characters")]
    Name,
    /// There is no room for more.
    #[error("no room for more")]
    Full,
    /// The link was used, is too old, or never was one.
    #[error("the link does not hold any more")]
    Invitation,
}

/// All of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    /// By name.
    pub accounts: Vec<Account>,
    /// By their begin.
    pub sessions: Vec<Session>,
    /// By name.
    pub tokens: Vec<Token>,
    /// Open ones.
    pub invitations: Vec<Invitation>,
}

impl Book {
    /// The account of a name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    fn account_mut(&mut self, name: &str) -> Result<&mut Account, BookError> {
        self.accounts.iter_mut().find(|account| account.name == name).ok_or(BookError::Unknown)
    }

    /// Adds an account without a password; nobody comes in by it before its invitation was used.
    ///
    /// # Errors
    /// When there is one of this name, or the name is none.
    pub fn add(
        &mut self,
        name: &str,
        role: Role,
        units: Units,
        contact: Option<String>,
        now: Timestamp,
    ) -> Result<(), BookError> {
        let name = name_of(name)?;
        if self.account(&name).is_some() {
            return Err(BookError::Exists);
        }
        if self.accounts.len() >= MOST {
            return Err(BookError::Full);
        }
        let contact = contact.filter(|contact| !contact.trim().is_empty());
        self.accounts.push(Account {
            name,
            role,
            units,
            contact,
            password: String::new(),
            totp: None,
            shut: false,
            made_at: now,
            login_at: None,
            seen_at: None,
        });
        self.accounts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// Changes an account. Whoever is shut out leaves at once.
    ///
    /// # Errors
    /// When there is none, or no administrator would be left.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Account)) -> Result<(), BookError> {
        let before = self.account(name).cloned().ok_or(BookError::Unknown)?;
        let account = self.account_mut(name)?;
        change(account);
        let shut = account.shut;
        if self.has_no_administrator() {
            *self.account_mut(name)? = before;
            return Err(BookError::LastAdministrator);
        }
        if shut {
            self.sessions.retain(|session| session.account != name);
            self.invitations.retain(|one| one.account.as_deref() != Some(name));
        }
        Ok(())
    }

    /// Takes an account away, with its sessions. What it did stays in the audit.
    ///
    /// # Errors
    /// When there is none, or no administrator would be left.
    pub fn remove(&mut self, name: &str) -> Result<(), BookError> {
        self.change(name, |account| account.shut = true)?;
        self.accounts.retain(|account| account.name != name);
        Ok(())
    }

    fn has_no_administrator(&self) -> bool {
        !self.accounts.iter().any(|account| account.role == Role::Administrator && !account.shut)
    }

    /// Opens a link by which a password is chosen; `None` for the first administrator. An older one of the same
    /// account ends.
    ///
    /// # Errors
    /// When there is no such account, or there are accounts already.
    pub fn invite(
        &mut self,
        account: Option<&str>,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<(), BookError> {
        match account {
            Some(name) if self.account(name).is_none() => return Err(BookError::Unknown),
            None if !self.accounts.is_empty() => return Err(BookError::Exists),
            _ => {}
        }
        self.invitations.retain(|one| one.account.as_deref() != account && now < one.until);
        let until = now.saturating_add(INVITED).unwrap_or(now);
        self.invitations.push(Invitation { hash: secret.hash(), account: account.map(str::to_owned), until });
        Ok(())
    }

    /// The invitation of a link, while it holds.
    #[must_use]
    pub fn invited(&self, code: &str, now: Timestamp) -> Option<&Invitation> {
        let hash = Secret::hash_of(code);
        let one = self.invitations.iter().find(|one| one.hash == hash && now < one.until)?;
        (one.account.is_some() || self.accounts.is_empty()).then_some(one)
    }

    /// Uses a link: the password is set and the account's sessions end. Answers the account's name; the first
    /// administrator's is `name`.
    ///
    /// # Errors
    /// When the link does not hold, or the name is none.
    pub fn accept(
        &mut self,
        code: &str,
        name: &str,
        password: String,
        now: Timestamp,
    ) -> Result<String, BookError> {
        let invited = self.invited(code, now).ok_or(BookError::Invitation)?.clone();
        let name = match invited.account {
            Some(name) => name,
            None => {
                let name = name_of(name)?;
                self.add(&name, Role::Administrator, Units::All, None, now)?;
                name
            }
        };
        self.set_password(&name, password)?;
        self.invitations.retain(|one| one.hash != invited.hash);
        Ok(name)
    }

    /// Sets a password; every session of the account ends.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn set_password(&mut self, name: &str, password: String) -> Result<(), BookError> {
        self.account_mut(name)?.password = password;
        self.sessions.retain(|session| session.account != name);
        Ok(())
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When there is no such account, or it is shut.
    pub fn begin(
        &mut self,
        name: &str,
        secret: &Secret,
        from: &str,
        now: Timestamp,
    ) -> Result<(), BookError> {
        let account = self.account_mut(name)?;
        if account.shut {
            return Err(BookError::Unknown);
        }
        (account.login_at, account.seen_at) = (Some(now), Some(now));
        self.sessions.retain(|session| session.holds(now));
        let each = self.sessions.iter().filter(|session| session.account == name).count();
        if each >= SESSIONS_EACH
            && let Some(oldest) = self.sessions.iter().position(|session| session.account == name)
        {
            self.sessions.remove(oldest);
        }
        if self.sessions.len() >= SESSIONS {
            self.sessions.remove(0);
        }
        self.sessions.push(Session {
            hash: secret.hash(),
            account: name.to_owned(),
            begun_at: now,
            seen_at: now,
            from: from.to_owned(),
        });
        Ok(())
    }

    /// Who stands behind a session's secret, and whether it is time to note that they are there.
    #[must_use]
    pub fn of_session(&self, presented: &str, from: &str, now: Timestamp) -> Option<(Person, bool)> {
        let hash = Secret::hash_of(presented);
        let session = self.sessions.iter().find(|session| session.hash == hash && session.holds(now))?;
        let account = self.account(&session.account).filter(|account| !account.shut)?;
        let stale = now.duration_since(session.seen_at).abs() >= SEEN;
        Some((account.person(How::Session(session.id()), from), stale))
    }

    /// Notes that a session is in use.
    pub fn seen(&mut self, presented: &str, now: Timestamp) {
        let hash = Secret::hash_of(presented);
        let Some(session) = self.sessions.iter_mut().find(|session| session.hash == hash) else { return };
        session.seen_at = now;
        let name = session.account.clone();
        self.account_seen(&name, now);
    }

    /// Notes that an account is in use, by whatever way.
    pub fn account_seen(&mut self, name: &str, now: Timestamp) {
        if let Ok(account) = self.account_mut(name) {
            account.seen_at = Some(now);
        }
    }

    /// Ends sessions of an account: this one, or all.
    pub fn end(&mut self, name: &str, which: Option<&SessionId>) {
        self.sessions.retain(|one| one.account != name || which.is_some_and(|id| one.id() != *id));
    }
}

/// A name without blanks at its ends.
pub(super) fn name_of(name: &str) -> Result<String, BookError> {
    let name = name.trim();
    let long = name.chars().count();
    let plain = !name.chars().any(char::is_control);
    if (1..=NAME).contains(&long) && plain { Ok(name.to_owned()) } else { Err(BookError::Name) }
}
