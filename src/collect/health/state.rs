//! The states of a source, as they are stored and told.

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collect) enum Health {
    /// All is well.
    Ok,
    /// It says less than usual, but that is plausible.
    Quiet,
    /// It answers, but has shown nothing new for longer than can be: a stale cache, a dead feed.
    Stale,
    /// It failed a moment ago and is tried again; a passing state.
    BackingOff,
    /// It gives nothing that can be used.
    Broken,
    /// It wants a login, a captcha, or us to stay away.
    Blocked,
    /// robots.txt forbids it.
    Refused,
    /// The office has switched it off.
    Disabled,
    /// A person has paused it.
    Paused,
}

impl Health {
    /// The word that is stored.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Quiet => "quiet",
            Self::Stale => "stale",
            Self::BackingOff => "backing_off",
            Self::Broken => "broken",
            Self::Blocked => "blocked",
            Self::Refused => "refused",
            Self::Disabled => "disabled",
            Self::Paused => "paused",
        }
    }

    /// Whether a stored word is a state that a person must know of.
    pub fn needs_person(id: &str) -> bool {
        ["stale", "broken", "blocked", "refused"].contains(&id)
    }

    /// Whether a stored word is a state in which nobody looks, because a person wants it so.
    pub fn is_off(id: &str) -> bool {
        [Self::Disabled.id(), Self::Paused.id()].contains(&id)
    }

    /// Whether a stored word is a state in which nothing is wrong.
    pub fn is_well(id: &str) -> bool {
        ["ok", "quiet"].contains(&id)
    }
}
