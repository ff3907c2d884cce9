//! Roles, what each may do, and the person behind a request.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::locale::Locale;

/// What a route asks of whoever comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// To read: incidents, deliveries, sources, papers.
    Read,
    /// To confirm an incident as one's own contact.
    Confirm,
    /// To handle a case: record, note, assign, urge, merge, raise, lower, close.
    Handle,
    /// To look after the sources: mute, pause, poll now.
    Watch,
    /// What holds for a whole unit: keywords, contacts, rotas, silences, emergency mode, monthly reports.
    Office,
    /// To approve a paper that goes out to others (通报).
    Approve,
    /// Accounts, tokens, sources, the system.
    Administer,
}

impl Need {
    /// All of them, the least first.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Confirm, Self::Handle, Self::Watch, Self::Office, Self::Approve, Self::Administer];

    /// As written in the API and in the store.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Confirm => "confirm",
            Self::Handle => "handle",
            Self::Watch => "watch",
            Self::Office => "office",
            Self::Approve => "approve",
            Self::Administer => "administer",
        }
    }

    /// The need of this id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|need| need.id() == id)
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self, locale: Locale) -> &'static str {
        match self {
            Self::Read => locale.pick("查看", "read"),
            Self::Confirm => locale.pick("签收", "confirm"),
            Self::Handle => locale.pick("办理", "handle cases"),
            Self::Watch => locale.pick("看护信源", "look after sources"),
            Self::Office => locale.pick("单位设置", "settings of a unit"),
            Self::Approve => locale.pick("审定材料", "approve papers"),
            Self::Administer => locale.pick("系统管理", "administer"),
        }
    }
}

/// A role of the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 值班员.
    Duty,
    /// 办公室.
    Office,
    /// 领导: reads, confirms, approves papers.
    Leader,
    /// 管理员.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Duty, Self::Office, Self::Leader, Self::Administrator];

    /// As written in forms, on the command line and in the store.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Duty => "duty",
            Self::Office => "office",
            Self::Leader => "leader",
            Self::Administrator => "administrator",
        }
    }

    /// The role of an id or of a Chinese title.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == word || role.title(Locale::ZhCn) == word)
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self, locale: Locale) -> &'static str {
        match self {
            Self::Duty => locale.pick("值班员", "duty officer"),
            Self::Office => locale.pick("办公室", "office"),
            Self::Leader => locale.pick("领导", "leader"),
            Self::Administrator => locale.pick("管理员", "administrator"),
        }
    }

    /// Whether it may do what a route needs. The one table of rights.
    #[must_use]
    pub const fn may(self, need: Need) -> bool {
        match self {
            Self::Leader => matches!(need, Need::Read | Need::Confirm | Need::Approve),
            Self::Duty => matches!(need, Need::Read | Need::Confirm | Need::Handle | Need::Watch),
            Self::Office => !matches!(need, Need::Administer),
            Self::Administrator => true,
        }
    }
}

/// Whose incidents somebody sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Those of every unit.
    All,
    /// Those of these.
    Of(BTreeSet<String>),
}

impl Units {
    /// The units of a list; an empty one is all of them.
    #[must_use]
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().filter(|name| !name.trim().is_empty()).collect();
        if names.is_empty() { Self::All } else { Self::Of(names) }
    }

    /// Whether this unit is among them.
    #[must_use]
    pub fn holds(&self, unit: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(names) => names.contains(unit),
        }
    }
}

/// By what way somebody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The office asks for no login; whoever sits at this machine.
    Open,
    /// A session.
    Session(super::SessionId),
    /// The reverse proxy before the console named them.
    Proxy,
    /// A token, by its name.
    Token(String),
    /// The host's own command, or the office's console token.
    Command,
}

/// Whoever stands behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account's name; empty without a login, where each form asks who acts.
    pub name: String,
    /// The contact for whom confirming counts.
    pub contact: Option<String>,
    /// What they may do.
    pub rights: BTreeSet<Need>,
    /// Whose incidents they see.
    pub units: Units,
    /// How they came in.
    pub how: How,
    /// From where: an address.
    pub from: String,
}

impl Person {
    /// Whoever may do everything: the machine's own user, the host's command.
    #[must_use]
    pub fn anybody(how: How, from: String) -> Self {
        Self {
            name: String::new(),
            contact: None,
            rights: Need::ALL.into_iter().collect(),
            units: Units::All,
            how,
            from,
        }
    }

    /// Whether they may do what is needed.
    #[must_use]
    pub fn may(&self, need: Need) -> bool {
        self.rights.contains(&need)
    }

    /// Whether they see what concerns this unit.
    #[must_use]
    pub fn sees(&self, unit: &str) -> bool {
        self.units.holds(unit)
    }

    /// Who acts: the account's name whatever a form says; without an account, what the form says.
    #[must_use]
    pub fn or_said(&self, said: &str) -> String {
        if self.name.is_empty() { said.to_owned() } else { self.name.clone() }
    }
}
