//! A supposed post: what it would show when it is first seen, as the inputs that the desk would get.

use jiff::{SignedDuration, Timestamp};

use crate::{
    desk::Input,
    locale::Locale,
    model::{
        Act, Certainty, ContentKind, Count, Counters, Hit, HitPart, IncidentId, Kind, Mention, Post, PostKey,
        Precision, Published, SiteKind,
    },
};

/// How long before it is seen it was published: it is fresh, so that all its figures count.
const AGE: SignedDuration = SignedDuration::from_mins(1);

/// What is supposed.
#[derive(Debug, Clone)]
pub(super) struct Supposed {
    /// Which unit it concerns.
    pub unit: String,
    /// When it is seen. UTC.
    pub at: Timestamp,
    /// Views in all.
    pub views: Option<u64>,
    /// Reposts on a microblog.
    pub reposts: Option<u64>,
    /// Comments in all.
    pub comments: Option<u64>,
    /// On how many sites it stands.
    pub sites: u64,
    /// What kind it is.
    pub kind: Option<Kind>,
    /// The lowest tier that its keyword asks for (至少), by id or name.
    pub at_least: Option<String>,
}

impl Supposed {
    /// The posts, each on a site of its own; the first shows all the figures.
    pub fn mentions(&self, locale: Locale) -> Vec<Input> {
        (0..self.sites.max(1)).map(|nth| Input::Mention(Box::new(self.mention(nth, locale)))).collect()
    }

    /// What a person would have to decide: kinds that no rule proposes.
    pub fn decision(&self, locale: Locale) -> Option<Act> {
        let kind = self.kind.filter(|kind| proposed(*kind).is_none())?;
        let (by, reason) = (locale.pick("演练推算", "rehearsal"), locale.pick("假定", "supposed"));
        Some(Act::SetKind { incident: IncidentId(1), kind, by: by.to_owned(), reason: reason.to_owned() })
    }

    fn mention(&self, nth: u64, locale: Locale) -> Mention {
        let text = format!(
            "{}{}{}",
            locale.pick(
                "这是演练推算所假定的一条帖子，所说的事与",
                "This is the supposed post of a rehearsal on "
            ),
            self.unit,
            locale.pick("有关，并非真实舆情", "; nothing of it is real"),
        );
        let counted =
            |number: Option<u64>| number.map(|number| Count::exact(if nth == 0 { number } else { 0 }));
        let site = format!("{}{}", locale.pick("站点", "site-"), nth + 1);
        let words = self.unit.clone();
        let start =
            text.find(&words).and_then(|at| text.get(..at)).map_or(0, |before| before.chars().count());
        let length = words.chars().count();
        let hit = Hit {
            unit: self.unit.clone(),
            group: locale.pick("演练推算", "rehearsal").to_owned(),
            rule: words.clone(),
            file: String::new(),
            line: 0,
            start: u32::try_from(start).unwrap_or_default(),
            end: u32::try_from(start + length).unwrap_or_default(),
            surface: words,
            certainty: Certainty::Exact,
            part: HitPart::Own,
            at_least: self.at_least.clone(),
            notify: Vec::new(),
            kind: self.kind.and_then(proposed),
        };
        let published = self.at.saturating_sub(AGE).unwrap_or(self.at);
        Mention {
            source: site.clone(),
            post: Post {
                key: PostKey { site, id: format!("supposed-{}", nth + 1) },
                // Reposts are graded on microblogs.
                site_kind: if nth == 0 && self.reposts.is_some() {
                    SiteKind::Microblog
                } else {
                    SiteKind::Forum
                },
                url: String::new(),
                title: String::new(),
                text,
                quoted: String::new(),
                published: Some(Published { at: published, precision: Precision::Second }),
                repost_of: None,
                links: Vec::new(),
            },
            seen_at: self.at,
            counters: Counters {
                views: counted(self.views),
                reposts: counted(self.reposts),
                comments: counted(self.comments),
                likes: None,
            },
            own_fetch: false,
            first_round: false,
            hits: vec![hit],
        }
    }
}

/// What a rule's `类别:` can propose.
const fn proposed(kind: Kind) -> Option<ContentKind> {
    match kind {
        Kind::Inquiry => Some(ContentKind::Inquiry),
        Kind::Demand => Some(ContentKind::Demand),
        Kind::Suggestion => Some(ContentKind::Suggestion),
        Kind::Fabrication | Kind::Hostile => None,
    }
}
