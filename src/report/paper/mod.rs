//! Papers (材料): what an office hands up. A paper is made in three steps. Its **facts** ([`case`], [`mod@unit`]) are worked out of the
//! store's rows, once, in words; a **text** ([`texts`]), which an office may replace, says in a light markup ([`markup`])
//! where they stand; a **form** writes the result down: [`html`] for pages and mail, `docx` for Word, `pdf` by a feature. So all forms say the
//! same, and none of them knows what an incident is.

pub mod approved;
pub mod case;
pub mod docx;
pub mod file;
pub mod html;
pub mod markup;
pub mod number;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod text;
pub mod texts;
pub mod unit;

pub use markup::{Block, Span};

use crate::{locale::Locale, report::chart::Chart};
use markup::Words;

/// Which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaperKind {
    /// 专报: one incident, at once.
    Special,
    /// 续报: what changed since the last paper.
    FollowUp,
    /// 终报: how it ended.
    Final,
    /// 处置登记表.
    Registration,
    /// 处置意见表.
    Handling,
    /// 总结评估: how it went, against the plan.
    Review,
    /// 月报, and 零报告 when there was nothing.
    Monthly,
    /// 简报: what a day or a week brought, and what is open.
    Brief,
    /// 动态: what was mentioned, grouped and counted.
    Digest,
    /// 通报: who has neither answered nor explained.
    Circular,
}

impl PaperKind {
    /// Those on one incident.
    pub const OF_CASE: [Self; 6] =
        [Self::Special, Self::FollowUp, Self::Final, Self::Registration, Self::Handling, Self::Review];
    /// Those on a span of time.
    pub const OF_UNIT: [Self; 4] = [Self::Monthly, Self::Brief, Self::Digest, Self::Circular];

    /// The name of its text, and the word for it in addresses and commands.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Special => "special",
            Self::FollowUp => "follow-up",
            Self::Final => "final",
            Self::Registration => "registration",
            Self::Handling => "handling",
            Self::Review => "review",
            Self::Monthly => "monthly",
            Self::Brief => "brief",
            Self::Digest => "digest",
            Self::Circular => "circular",
        }
    }

    /// The paper of this id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::OF_CASE.into_iter().chain(Self::OF_UNIT).find(|kind| kind.id() == id)
    }

    /// What an office calls it.
    #[must_use]
    pub const fn word(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::Special => ("舆情专报", "Special report"),
            Self::FollowUp => ("舆情续报", "Follow-up report"),
            Self::Final => ("舆情终报", "Final report"),
            Self::Registration => ("舆情处置登记表", "Registration form"),
            Self::Handling => ("舆情处置意见表", "Handling form"),
            Self::Review => ("舆情总结评估", "Review"),
            Self::Monthly => ("舆情月报", "Monthly report"),
            Self::Brief => ("舆情简报", "Brief"),
            Self::Digest => ("舆情动态", "Digest"),
            Self::Circular => ("舆情通报", "Circular"),
        };
        locale.pick(zh, en)
    }
}

/// How large the words of a paper stand on a page, and how close its lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Density {
    /// 三号, 22 lines a page, as GB/T 9704-2012 has it where nothing speaks against it.
    #[default]
    Standard,
    /// 四号. The standard lets an office set a paper otherwise “in particular cases” (5.2.2, 5.2.3), and one that has to be
    /// read at a glance, on one page, is such a case.
    Close,
    /// 小四, for the same when there is more to say.
    Closer,
    /// 五号, for the same when there is much.
    Closest,
}

/// A paper, ready to be written in any form.
#[derive(Debug, Clone, PartialEq)]
pub struct Paper {
    /// Its name without an ending, such as `舆情专报 2026-0012`; free of what a file name must not hold.
    pub name: String,
    /// Language.
    pub locale: Locale,
    /// How close it is set where it becomes pages.
    pub density: Density,
    /// What stands on it, from top to bottom.
    pub blocks: Vec<Block>,
    /// The drawings that blocks name.
    pub drawings: Vec<(String, Chart)>,
}

impl Paper {
    /// The drawing of a name.
    #[must_use]
    pub fn drawing(&self, name: &str) -> Option<&Chart> {
        self.drawings.iter().find(|(known, _)| known == name).map(|(_, drawing)| drawing)
    }
}

/// What stands below a drawing: what it shows, how much that is now, and the names of the limits.
fn caption(chart: &Chart, locale: Locale) -> Words {
    let span = |text: String, bold| Span { text, bold };
    let mut words = vec![span(format!("{} ", chart.title), false), span(chart.last.clone(), true)];
    let limits: Vec<&str> = chart.thresholds.iter().rev().map(|limit| limit.label.as_str()).collect();
    if !limits.is_empty() {
        let (open, between) = (locale.pick("；红线：", "; limits: "), locale.pick("；", "; "));
        words.push(span(format!("{open}{}", limits.join(between)), false));
    }
    words
}
