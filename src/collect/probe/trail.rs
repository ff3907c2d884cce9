//! How far an address was got through: from its name over guard, robots.txt, answer and charset to the posts. Each stop
//! says whether it was passed and what was seen there, so that a person sees where a source fails.

use serde::Serialize;

use crate::{
    collect::{
        adapter::{self, Reading, Verdict},
        fetch::{FetchError, Fetched},
    },
    config::preset::Preset,
    locale::Locale,
};

/// A stop on the way, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The address is read, and its host found.
    Address,
    /// Whether the address may be reached at all.
    Guard,
    /// Whether robots.txt allows it.
    Robots,
    /// The answer comes.
    Fetch,
    /// Its charset.
    Charset,
    /// The preset reads it.
    Read,
    /// The posts that it holds.
    Posts,
    /// The rules that the posts meet.
    Rules,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::Guard,
        Self::Robots,
        Self::Fetch,
        Self::Charset,
        Self::Read,
        Self::Posts,
        Self::Rules,
    ];

    /// What it is called.
    #[must_use]
    pub const fn title(self, locale: Locale) -> &'static str {
        match self {
            Self::Address => locale.pick("解析地址", "address"),
            Self::Guard => locale.pick("守卫", "guard"),
            Self::Robots => locale.pick("robots", "robots.txt"),
            Self::Fetch => locale.pick("取回", "fetch"),
            Self::Charset => locale.pick("编码", "charset"),
            Self::Read => locale.pick("解析", "reading"),
            Self::Posts => locale.pick("条目", "posts"),
            Self::Rules => locale.pick("关键词", "keywords"),
        }
    }
}

/// What became of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// It was passed.
    Yes,
    /// It was not.
    No,
    /// It was not reached.
    NotReached,
}

/// A stop with what was seen there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Which.
    pub stage: Stage,
    /// What became of it.
    pub passed: Passed,
    /// What was seen, in the office's words; may be empty.
    pub detail: String,
}

/// The stops of an address that gave no answer.
#[must_use]
pub fn of_failure(address: &str, error: &FetchError, locale: Locale) -> Vec<Stop> {
    let failed = match error {
        FetchError::BadUrl(_) | FetchError::Dns { .. } => Stage::Address,
        FetchError::Forbidden(_) => Stage::Guard,
        FetchError::RobotsRefused(_) | FetchError::RobotsUnavailable { .. } => Stage::Robots,
        _ => Stage::Fetch,
    };
    let mut reached = true;
    let stop = |stage| {
        let here = stage == failed;
        let passed = match (here, reached) {
            (true, _) => Passed::No,
            (false, true) => Passed::Yes,
            (false, false) => Passed::NotReached,
        };
        reached &= !here;
        let detail = match stage {
            _ if here => error.human(locale),
            Stage::Address => address.to_owned(),
            _ => String::new(),
        };
        Stop { stage, passed, detail }
    };
    Stage::ALL.into_iter().map(stop).collect()
}

/// The stops of an answer; `contract` when it was fetched by a contract, which robots.txt does not concern. What rules
/// the posts meet is for whoever has the rules.
#[must_use]
pub fn of_answer(
    asked: &str,
    answer: &Fetched,
    contract: bool,
    reading: Option<(&Reading, &Preset)>,
    locale: Locale,
) -> Vec<Stop> {
    let yes = |stage, detail: String| Stop { stage, passed: Passed::Yes, detail };
    let peer = answer.peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
    let robots = match contract {
        true => locale.pick("按合同用开放接口，不适用", "an open interface by contract; does not apply"),
        false => locale.pick("允许", "allowed"),
    };
    let mut stops = vec![
        yes(Stage::Address, asked.to_owned()),
        yes(Stage::Guard, peer),
        yes(Stage::Robots, robots.to_owned()),
        yes(Stage::Fetch, fetched_words(asked, answer, locale)),
    ];
    let Some((reading, preset)) = reading else {
        let why = locale.pick("没有合适的预设", "no preset fits").to_owned();
        stops.push(Stop { stage: Stage::Charset, passed: Passed::NotReached, detail: String::new() });
        stops.push(Stop { stage: Stage::Read, passed: Passed::No, detail: why });
        stops.extend([Stage::Posts, Stage::Rules].map(not_reached));
        return stops;
    };
    stops.push(yes(Stage::Charset, reading.encoding.to_owned()));
    let blocked = match &reading.verdict {
        Verdict::Blocked { reason, words } => Some(adapter::blocked_words(*reason, words, locale)),
        Verdict::Broken => {
            let faults = reading.faults.iter().take(3).map(|fault| fault.human(locale));
            Some(faults.collect::<Vec<_>>().join("；"))
        }
        Verdict::Data | Verdict::Empty => None,
    };
    match blocked {
        Some(why) => {
            let detail = format!("{}（{}）：{why}", preset.name, preset.title);
            stops.push(Stop { stage: Stage::Read, passed: Passed::No, detail });
            stops.extend([Stage::Posts, Stage::Rules].map(not_reached));
        }
        None => {
            stops.push(yes(Stage::Read, format!("{}（{}）", preset.name, preset.title)));
            let n = reading.posts.len();
            let detail = match (n, locale) {
                (0, _) => locale.pick("列表写明是空的", "the list says that it is empty").to_owned(),
                (n, Locale::ZhCn) => format!("{n} 条"),
                (n, Locale::En) => format!("{n} posts"),
            };
            stops.push(yes(Stage::Posts, detail));
            stops.push(not_reached(Stage::Rules));
        }
    }
    stops
}

const fn not_reached(stage: Stage) -> Stop {
    Stop { stage, passed: Passed::NotReached, detail: String::new() }
}

fn fetched_words(asked: &str, answer: &Fetched, locale: Locale) -> String {
    let (bytes, millis) = (answer.body.len(), answer.elapsed.as_millis());
    let size = if bytes < 10_240 { format!("{bytes} B") } else { format!("{} KB", bytes / 1_024) };
    let mut words = format!("HTTP {}，{size}，{millis} ms", answer.status);
    if let Some(content_type) = &answer.content_type {
        words.push_str(&format!("，{content_type}"));
    }
    if answer.url != asked {
        words.push_str(&format!("，{} {}", locale.pick("跳转到", "led to"), answer.url));
    }
    words
}
