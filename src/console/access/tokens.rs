//! Tokens: the ways in of programs. Each has its scopes and units, may end on a day, and says when it was last used.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Book, BookError, How, Need, Person, Secret, Units,
    book::{MOST, SEEN, name_of},
};

/// A program's way in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    hash: String,
    /// What it is called; the audit calls the program so.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Need>,
    /// Whose incidents it sees.
    pub units: Units,
    /// Who made it, and when. UTC.
    pub by: String,
    /// When. UTC.
    pub made_at: Timestamp,
    /// When it ends; `None`: it holds until it is taken back. UTC.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The last request, to five minutes; `None`: none, or none since it is noted. UTC.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

impl Token {
    /// Whether it still opens anything.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What a new token shall be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Need>,
    /// Whose incidents it sees.
    pub units: Units,
    /// When it ends; `None`: when it is taken back. UTC.
    pub until: Option<Timestamp>,
    /// Who makes it.
    pub by: String,
}

impl Book {
    /// Adds a token.
    ///
    /// # Errors
    /// When there is one of this name, or the name is none.
    pub fn add_token(&mut self, new: NewToken, secret: &Secret, now: Timestamp) -> Result<(), BookError> {
        let NewToken { name, scopes, units, until, by } = new;
        let name = name_of(&name)?;
        if self.tokens.iter().any(|token| token.name == name) {
            return Err(BookError::Exists);
        }
        if self.tokens.len() >= MOST {
            return Err(BookError::Full);
        }
        let hash = secret.hash();
        self.tokens.push(Token { hash, name, scopes, units, by, made_at: now, until, seen_at: None });
        Ok(())
    }

    /// Takes a token away.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove_token(&mut self, name: &str) -> Result<(), BookError> {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.name != name);
        if self.tokens.len() == before { Err(BookError::Unknown) } else { Ok(()) }
    }

    /// The program behind a bearer token that holds, and whether it is time to note that it was used.
    #[must_use]
    pub fn of_token(&self, presented: &str, from: &str, now: Timestamp) -> Option<(Person, bool)> {
        let hash = Secret::hash_of(presented);
        let token = self.tokens.iter().find(|token| token.hash == hash && token.holds(now))?;
        let person = Person {
            name: token.name.clone(),
            contact: None,
            rights: token.scopes.clone(),
            units: token.units.clone(),
            how: How::Token(token.name.clone()),
            from: from.to_owned(),
        };
        Some((person, token.seen_at.is_none_or(|seen| now.duration_since(seen).abs() >= SEEN)))
    }

    /// Notes that a token is in use.
    pub fn token_seen(&mut self, name: &str, now: Timestamp) {
        if let Some(token) = self.tokens.iter_mut().find(|token| token.name == name) {
            token.seen_at = Some(now);
        }
    }
}
