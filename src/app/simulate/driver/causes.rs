//! Why a notice may be late or may be taken twice. One that is late without any of these reasons, or taken once
//! more than acceptances were torn, breaks a promise.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{ChannelKind, Notice, NoticeId};

/// What has happened to notices and to the machine. All instants are of true time.
#[derive(Debug, Default)]
pub(super) struct Causes {
    /// Acceptances of which the store does not know, by notice: each excuses one more taking.
    torn: BTreeMap<NoticeId, Vec<&'static str>>,
    /// Handed to a slow server that has not answered yet.
    on_the_way: BTreeSet<NoticeId>,
    /// When each was decided.
    decided: BTreeMap<NoticeId, Timestamp>,
    /// What a server did with it that was no prompt acceptance.
    failed: BTreeMap<NoticeId, &'static str>,
    /// When a channel's server last did not take something: behind that one the others wait.
    away: BTreeMap<ChannelKind, Timestamp>,
    /// The last disturbance of each kind.
    disturbed: BTreeMap<&'static str, Timestamp>,
    /// Late ones with their reason.
    late: BTreeMap<NoticeId, Option<&'static str>>,
}

impl Causes {
    /// A server has it, and the store will never hear of it.
    pub fn tear(&mut self, id: &NoticeId, why: &'static str) {
        self.torn.entry(id.clone()).or_default().push(why);
    }

    /// A slow server has it.
    pub fn sets_out(&mut self, id: &NoticeId) {
        self.on_the_way.insert(id.clone());
    }

    /// A slow server has answered.
    pub fn arrives(&mut self, id: &NoticeId) {
        self.on_the_way.remove(id);
    }

    /// The process dies: nobody hears the answers that are on their way.
    pub fn dies(&mut self) {
        for id in std::mem::take(&mut self.on_the_way) {
            self.tear(&id, "crash while the server answered");
        }
    }

    /// It was taken once more: the torn acceptance that excuses it, which then excuses nothing else.
    pub fn taken_again(&mut self, id: &NoticeId) -> Option<&'static str> {
        self.torn.get_mut(id)?.pop()
    }

    /// A notice was decided.
    pub fn decides(&mut self, id: &NoticeId, at: Timestamp) {
        self.decided.entry(id.clone()).or_insert(at);
    }

    /// A server did not take it at once.
    pub fn fails(&mut self, id: &NoticeId, how: &'static str) {
        self.failed.insert(id.clone(), how);
    }

    /// A channel's server is away: whatever else waits for it waits as well.
    pub fn is_away(&mut self, channel: ChannelKind, at: Timestamp) {
        self.away.insert(channel, at);
    }

    /// Something that holds up everything.
    pub fn disturb(&mut self, how: &'static str, at: Timestamp) {
        self.disturbed.insert(how, at);
    }

    /// It was accepted at an instant of the desk's clock: if that is late, why.
    pub fn accepted(&mut self, notice: &Notice, at: Timestamp) {
        if at <= notice.due_at || self.late.contains_key(&notice.id) {
            return;
        }
        let decided = self.decided.get(&notice.id).copied().unwrap_or(Timestamp::MIN);
        let since = self.disturbed.iter().filter(|(_, last)| **last >= decided);
        let why = if notice.due_at <= notice.created_at {
            Some("due before it was made")
        } else {
            let behind = self.away.get(&notice.channel).filter(|last| **last >= decided);
            let own = self.failed.get(&notice.id).copied();
            own.or_else(|| since.map(|(how, _)| *how).next()).or(behind.map(|_| "the server was away"))
        };
        self.late.insert(notice.id.clone(), why);
    }

    /// Why it was late.
    pub fn of_late(&self, id: &NoticeId) -> Option<&'static str> {
        self.late.get(id).copied().flatten()
    }
}
