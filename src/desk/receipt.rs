//! What becomes of a message after its channel has accepted it: it arrived, or it came back (SEMANTICS 22).
//!
//! A message that came back was never told. Its notice counts as refused from then on, the `report` limit that it had
//! met runs again, the next channel goes out at once, and the administrators hear of the address: a wrong one is
//! wrong for the next incident too. They hear of a refusal in the same way.

use super::{
    Change, Desk, Operations,
    acts::returned,
    case::{Case, Work},
};
use crate::{
    locale::{Locale, words},
    model::{Fate, Notice, NoticeId, NoticeState, Receipt},
};

/// Seconds of a day.
const DAY: i64 = 86_400;

impl Desk {
    /// A channel told what became of a message.
    pub(super) fn receipt(&mut self, receipt: &Receipt, work: &mut Work<'_>) {
        let notice = &receipt.notice;
        let incident = notice.id.incident();
        let known = match incident {
            Some(id) => self.with_case(id, work, |case, work| Ok(heard(case, work, receipt))).unwrap_or(None),
            None => self.loose_heard(receipt, work),
        };
        // What the desk has put away is still a row of the store.
        let changed = match known {
            Some(changed) => changed,
            None => match after(notice, receipt) {
                Some(state) => {
                    work.changes.push(Change::Notice(Box::new(Notice { state, ..notice.clone() })));
                    true
                }
                None => false,
            },
        };
        if changed && let Fate::Returned { why } = &receipt.fate {
            self.address_fails(notice, why, work);
        }
    }

    /// The administrators hear of an address that takes nothing, once a day: a mailbox that is full may take the next
    /// message and refuse the one after it.
    pub(super) fn address_fails(&mut self, notice: &Notice, why: &str, work: &mut Work<'_>) {
        let (contact, way) = (&notice.contact, words::channel(notice.channel, work.locale));
        let day = work.now.as_second().div_euclid(DAY);
        let stem = format!("address/{contact}/{}/{day}", notice.channel.id());
        let told = self.loose.range(NoticeId(format!("{stem}/"))..).next();
        if told.is_some_and(|(id, _)| id.0.starts_with(&format!("{stem}/"))) {
            return;
        }
        let text = match work.locale {
            Locale::ZhCn => format!("“{contact}”的{way}送不到: {why}。请核对 contacts.toml 中该联系人的地址"),
            Locale::En => {
                format!(
                    "{way} does not reach \"{contact}\": {why}. Check the contact's address in contacts.toml"
                )
            }
        };
        work.note(None, "unreachable", None, text.clone());
        let subject = format!("contact/{contact}/{}", notice.channel.id());
        self.tell_administrators(&Operations { subject, broken: true, text }, &stem, work);
    }
}

/// How a notice stands after a receipt; `None` when the receipt says nothing new.
pub(super) fn after(notice: &Notice, receipt: &Receipt) -> Option<NoticeState> {
    match (&notice.state, &receipt.fate) {
        (NoticeState::Accepted { at, arrived_at: None }, Fate::Arrived) => {
            Some(NoticeState::Accepted { at: *at, arrived_at: Some(receipt.at) })
        }
        (NoticeState::Accepted { .. }, Fate::Returned { why }) => {
            Some(NoticeState::Refused { at: receipt.at, why: why.clone() })
        }
        _ => None,
    }
}

/// A receipt for a notice of an incident; `None` when the case does not have it, else whether anything has changed.
fn heard(case: &mut Case, work: &mut Work<'_>, receipt: &Receipt) -> Option<bool> {
    let notice = case.notices.get_mut(&receipt.notice.id)?;
    let Some(state) = after(notice, receipt) else { return Some(false) };
    notice.state = state;
    let notice = notice.clone();
    work.changes.push(Change::Notice(Box::new(notice.clone())));
    let way = words::channel(notice.channel, work.locale);
    match &receipt.fate {
        Fate::Arrived => {
            let text = format!("{} · {way}: {}", notice.contact, work.locale.pick("已送达", "delivered"));
            work.note(Some(case.row.id), "arrived", None, text);
        }
        Fate::Returned { why } => {
            let text = format!("{} · {way}: {} {why}", notice.contact, work.locale.pick("退回", "came back"));
            work.note(Some(case.row.id), "returned", None, text);
            returned(case, work, &notice, why);
        }
    }
    Some(true)
}
