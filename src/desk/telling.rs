//! Making notices: who is told, by which channels, with what facts (SEMANTICS 22, 25).
//!
//! A notice's id is its natural key `incident/epoch/kind/round.step/line/contact/channel`; the same
//! happening makes the same key, so nothing can be put into the outbox twice.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::case::{Case, Work};
use crate::model::{
    ChannelKind, Contact, DeadlineKind, DeadlineLine, Facts, Notice, NoticeId, NoticeKind, NoticeState,
    PostLine, TierRule,
};

/// Members named in a notice.
const POSTS_SHOWN: usize = 10;
/// Characters of the excerpt.
const EXCERPT: usize = 300;
/// Characters of the gist.
pub(super) const GIST: usize = 40;

/// What is to be told to several contacts.
pub(super) struct Telling<'a> {
    pub kind: NoticeKind,
    /// Tells apart what is told for the same kind and tier (`report` and `response` overdue).
    pub tag: String,
    /// Reporting line, when it is told in one.
    pub line: Option<&'a str>,
    pub step: usize,
    pub round: u32,
    pub contacts: &'a [String],
    pub due_at: Timestamp,
    pub confirm: bool,
    pub note: String,
}

impl<'a> Telling<'a> {
    pub(super) fn new(kind: NoticeKind, contacts: &'a [String], due_at: Timestamp) -> Self {
        Self {
            kind,
            tag: String::new(),
            line: None,
            step: 0,
            round: 0,
            contacts,
            due_at,
            confirm: false,
            note: String::new(),
        }
    }
}

/// The address of a contact on a channel; `None` when it has none.
pub(super) fn address(contact: &Contact, channel: ChannelKind) -> Option<String> {
    contact.address(channel)
}

/// Channels by which a contact must be told at a tier: the required kinds that it has, else its first one;
/// only `exercise` when it is in exercise mode.
pub(super) fn required_channels(contact: &Contact, tier: &TierRule) -> Vec<ChannelKind> {
    if contact.channels.contains(&ChannelKind::Exercise) {
        return vec![ChannelKind::Exercise];
    }
    let has = |kind: &ChannelKind| contact.channels.contains(kind) && address(contact, *kind).is_some();
    let required: Vec<_> = tier.channels.iter().copied().filter(has).collect();
    if required.is_empty() {
        contact.channels.iter().copied().find(has).into_iter().collect()
    } else {
        required
    }
}

/// Puts the notices of one telling into the outbox. Two contacts with one mailbox get one mail, when they are told at
/// one instant: a line that comes to its step later is another's, and says so. A name that no contact has is told to
/// nobody here; the caller's deadlines see that.
pub(super) fn tell(case: &mut Case, work: &mut Work<'_>, telling: &Telling<'_>) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let said = Arc::new(facts(case, telling));
    let stem = format!(
        "{}/{}/{}{}/{}.{}",
        case.row.id,
        case.row.epoch,
        telling.kind.id(),
        telling.tag,
        telling.round,
        telling.step
    );
    for name in telling.contacts {
        let Some(contact) = work.reach(&case.row.unit, name, work.now) else {
            let text = work.locale.pick("联系人不存在，未能通知: ", "no such contact, not told: ");
            work.note(Some(case.row.id), "unreachable", None, format!("{text}{name}"));
            continue;
        };
        let facts = as_told(&said, person_of(contact, name));
        for channel in required_channels(contact, &tier) {
            let Some(address) = address(contact, channel) else { continue };
            let line = telling.line.unwrap_or("-");
            let own = format!("{stem}/{line}/");
            let says_it =
                |notice: &Notice| notice.created_at == work.now || notice.id.0.starts_with(own.as_str());
            let told_already = channel != ChannelKind::Exercise
                && case
                    .notices_under(&format!("{stem}/"))
                    .any(|notice| notice.channel == channel && notice.address == address && says_it(notice));
            if told_already {
                continue;
            }
            let notice = Notice {
                id: NoticeId(format!("{stem}/{line}/{name}/{}", channel.id())),
                incident: Some(case.row.id),
                kind: telling.kind,
                rank: case.row.rank,
                contact: name.clone(),
                channel,
                address,
                created_at: work.now,
                due_at: telling.due_at,
                facts: Arc::clone(&facts),
                state: first_state(channel),
            };
            case.put_notice(notice, work);
        }
    }
}

/// What is told of no single incident: a digest, a fault of the machinery, a monthly report.
pub(super) struct Loose<'a> {
    /// What the ids begin with; the same happening makes the same stem.
    pub stem: &'a str,
    pub kind: NoticeKind,
    /// Whose channels are used.
    pub tier: &'a TierRule,
    /// Notices must be accepted within this.
    pub limit: SignedDuration,
    pub facts: Arc<Facts>,
}

/// Adds the notices by which one name is told, with the ids `stem/name/channel`. What `notices` already says
/// to the same address is left out: two names with one mailbox get one mail. A name that no contact has is told
/// to nobody. A contact that is the unit's own has the unit in the id, for another unit's of that name is another.
pub(super) fn add_loose(notices: &mut Vec<Notice>, name: &str, loose: &Loose<'_>, work: &Work<'_>) {
    let unit = &loose.facts.unit;
    let Some(contact) = work.reach(unit, name, work.now) else { return };
    let own = if work.is_own(unit, name) { format!("{unit}·") } else { String::new() };
    for channel in required_channels(contact, loose.tier) {
        let Some(address) = address(contact, channel) else { continue };
        let id = NoticeId(format!("{}/{own}{name}/{}", loose.stem, channel.id()));
        let one_place =
            |told: &Notice| !address.is_empty() && told.channel == channel && told.address == address;
        // Two readers of one mailbox may read the digests of different tiers.
        let says_the_same = |told: &Notice| told.facts.digest == loose.facts.digest;
        if notices.iter().any(|told| told.id == id || (one_place(told) && says_the_same(told))) {
            continue;
        }
        notices.push(Notice {
            id,
            incident: None,
            kind: loose.kind,
            rank: loose.tier.rank,
            contact: name.to_owned(),
            channel,
            address,
            created_at: work.now,
            due_at: work.now.saturating_add(loose.limit).unwrap_or(work.now),
            facts: Arc::clone(&loose.facts),
            state: first_state(channel),
        });
    }
}

/// What is said, with the person behind the name to whom it is said.
fn as_told(facts: &Arc<Facts>, person: Option<String>) -> Arc<Facts> {
    let mut facts = Arc::clone(facts);
    if facts.person != person {
        Arc::make_mut(&mut facts).person = person;
    }
    facts
}

/// The person behind a name, when that is another contact or is written beside it.
fn person_of(contact: &Contact, name: &str) -> Option<String> {
    let said = Some(&contact.person).filter(|person| !person.is_empty());
    said.or(Some(&contact.name).filter(|own| *own != name)).cloned()
}

/// Exercise notices are shown, not sent.
pub(super) fn first_state(channel: ChannelKind) -> NoticeState {
    if channel == ChannelKind::Exercise { NoticeState::Shown } else { NoticeState::Pending }
}

/// Sends the next channel out for a notice that was refused or not accepted at half its limit
/// (SEMANTICS 22). Answers whether there was one.
pub(super) fn fail_over(case: &mut Case, work: &mut Work<'_>, id: &NoticeId) -> bool {
    let Some(notice) = case.notices.get(id).cloned() else { return false };
    let Some(contact) = work.reach(&case.row.unit, &notice.contact, notice.created_at) else { return false };
    let stem = group(&notice);
    let ways = format!("{stem}/");
    let tried: Vec<(ChannelKind, &str)> = case
        .notices_under(&ways)
        .filter(|other| group(other) == stem)
        .map(|other| (other.channel, other.address.as_str()))
        .collect();
    let next = |contact: &Contact| {
        let kinds = contact.channels.iter().copied().filter(|kind| *kind != ChannelKind::Exercise);
        let mut ways = kinds.filter_map(|kind| address(contact, kind).map(|address| (kind, address)));
        ways.find(|(kind, address)| !tried.contains(&(*kind, address.as_str())))
    };
    let deputy = work.deputy(&case.row.unit, &notice.contact).filter(|deputy| deputy.name != contact.name);
    let own = next(contact).map(|way| (way, contact));
    let Some(((channel, address), by)) = own.or_else(|| deputy.and_then(|one| Some((next(one)?, one))))
    else {
        return false;
    };
    // The same person may have had another address when an earlier one of that name went out.
    let own = std::iter::once(format!("{stem}/{}", channel.id()));
    let named = std::iter::once(format!("{stem}/{}.{}", channel.id(), by.name));
    let again = (2_u32..).map(|nth| format!("{stem}/{}.{}.{nth}", channel.id(), by.name));
    let free = |id: &NoticeId| !case.notices.contains_key(id);
    let Some(id) = own.chain(named).chain(again).map(NoticeId).find(free) else { return false };
    let failover = Notice {
        id,
        facts: as_told(&notice.facts, person_of(by, &notice.contact)),
        kind: NoticeKind::Failover,
        channel,
        address,
        created_at: work.now,
        due_at: notice.due_at.max(work.now),
        state: first_state(channel),
        ..notice.clone()
    };
    let text = match work.locale {
        crate::locale::Locale::ZhCn => {
            format!("{} 的{}未被受理，改用{}", notice.contact, notice.channel.id(), channel.id())
        }
        crate::locale::Locale::En => {
            format!("{}: {} not accepted, {} goes out", notice.contact, notice.channel.id(), channel.id())
        }
    };
    work.note(Some(case.row.id), "failover", None, text);
    case.put_notice(failover, work);
    true
}

/// A notice's key without its channel: all ways by which one contact is told one thing.
pub(super) fn group(notice: &Notice) -> &str {
    notice.id.0.rsplit_once('/').map_or(notice.id.0.as_str(), |(stem, _)| stem)
}

/// When a waiting notice has used half of its limit without a failover; `None` when it never will.
pub(super) fn half_time(case: &Case, notice: &Notice) -> Option<Timestamp> {
    if notice.state != NoticeState::Pending || !fails_over(notice.kind) || case.exhausted.contains(&notice.id)
    {
        return None;
    }
    let stem = group(notice);
    let ways = format!("{stem}/");
    let done = case.notices_under(&ways).any(|other| {
        other.kind == NoticeKind::Failover
            && group(other) == stem
            && (notice.kind != NoticeKind::Failover || other.created_at > notice.created_at)
    });
    if done {
        return None;
    }
    let limit = notice.due_at.duration_since(notice.created_at);
    notice.created_at.checked_add(limit / 2).ok()
}

fn fails_over(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::Alert
            | NoticeKind::Rise
            | NoticeKind::Worsened
            | NoticeKind::Reopened
            | NoticeKind::Escalation
            | NoticeKind::Failover
            | NoticeKind::Direct
    )
}

/// The facts of an incident as a notice carries them.
fn facts(case: &Case, telling: &Telling<'_>) -> Facts {
    let row = &case.row;
    let tier = row.plan.tier(row.rank);
    let mut posts: Vec<_> = case.members.values().filter(|member| member.adds_heat()).collect();
    posts.sort_by_key(|member| {
        let heat = |count: Option<crate::model::Count>| count.map_or(0, |count| count.value);
        (std::cmp::Reverse(heat(member.row.views).max(heat(member.row.reposts))), member.row.first_seen_at)
    });
    let posts = posts
        .into_iter()
        .take(POSTS_SHOWN)
        .map(|member| PostLine {
            site: member.row.post.key.site.clone(),
            url: member.row.post.url.clone(),
            title: headline(&member.row.post.title, &member.row.post.text),
            published_at: member.row.published_at,
            first_seen_at: member.row.first_seen_at,
            views: member.row.views,
            reposts: member.row.reposts,
        })
        .collect();
    let first = case.members.values().min_by_key(|member| member.row.first_seen_at);
    Facts {
        unit: row.unit.clone(),
        plan_title: row.plan.title.clone(),
        mark: row.plan.exercise_mark.clone(),
        tier_name: row.plan.tier(row.rank).name.clone(),
        from_tier_name: row
            .told_rank
            .filter(|&told| told < row.rank)
            .map(|told| row.plan.tier(told).name.clone()),
        reason: Some(row.reason.clone()),
        gist: row.gist.clone(),
        excerpt: first.map_or_else(String::new, |member| shortened(&member.row.post.own_text(), EXCERPT)),
        posts,
        detected_at: Some(row.detected_at),
        deadlines: case
            .running()
            .filter(|d| d.kind != DeadlineKind::Step)
            .map(|d| DeadlineLine { kind: d.kind, due_at: d.due_at, name: d.name.clone() })
            .collect(),
        person: None,
        line: telling.line.map(str::to_owned),
        step: telling.line.map(|_| telling.step + 1),
        digest: Vec::new(),
        digest_total: 0,
        note: telling.note.clone(),
        groups: row.groups.clone(),
        kinds: row.kinds.clone(),
        confirm: telling.confirm,
        forecasts: row.outlook.forecasts.clone(),
        paper: Some(tier.paper).filter(|_| tier.telling.alerts()),
        led_by: tier.led_by.clone(),
    }
}

/// A title, or the first words of a text.
pub(super) fn headline(title: &str, text: &str) -> String {
    let line = if title.trim().is_empty() { text.trim() } else { title.trim() };
    shortened(line.lines().next().unwrap_or_default(), GIST)
}

/// At most `most` characters, with an ellipsis when cut.
fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
