//! Group robots of WeCom, DingTalk and Feishu: one message to a group, by a webhook address that is itself
//! a secret. Each allows about 20 messages a minute; what waits beyond that is joined into one message.

mod answer;
mod body;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;
use reqwest::{Request, Url};
use secrecy::ExposeSecret;

pub use answer::{RobotMeaning, robot_meaning};
pub(super) use body::cut_to;
pub use body::{dingtalk_sign, feishu_sign};

use self::body::fitting;
use super::{
    Channel, ChannelError, Joined, Knocking, Sending, Shut, Verdict,
    http::{Http, Unanswered, told},
    scrubbed,
};
use crate::{
    config::channels::{RobotKind, RobotSettings},
    dispatch::{Texts, pace::Pace},
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// WeCom: 20 a minute for a robot (<https://developer.work.weixin.qq.com/document/path/91770>); DingTalk: 20,
/// then silence for ten minutes (<https://open.dingtalk.com/document/orgapp/custom-robot-access>); Feishu: 100
/// a minute and 5 a second (<https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>). Read 2026-11.
/// A group in which 20 messages a minute arrive reads none of them, so Feishu gets no more than the others.
const PACE: Pace = Pace { per_minute: 20 };

/// All robots.
#[derive(Debug)]
pub struct Robots(BTreeMap<String, Robot>);

struct Robot {
    settings: RobotSettings,
    url: Url,
    http: Http,
}

impl std::fmt::Debug for Robot {
    /// Without the address, which is the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Robot").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Robots {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// When a key makes no web address.
    pub fn new(settings: impl IntoIterator<Item = RobotSettings>) -> Result<Self, ChannelError> {
        let each = settings.into_iter().map(|one| Ok((one.name.clone(), Robot::new(one)?)));
        each.collect::<Result<_, _>>().map(Self)
    }

    async fn join(&self, notices: &[Notice], texts: &Texts, now: Timestamp) -> Joined {
        let Some(first) = notices.first() else { return Joined { carried: 0, verdict: Verdict::Accepted } };
        let Some(robot) = self.0.get(&first.address) else {
            // It may be there again after the next reload.
            let words = texts.locale.pick("yuqing.toml 里没有这个 [[robot]]", "no such [[robot]]");
            return Joined { carried: 1, verdict: Verdict::retry(format!("{words}: {}", first.address)) };
        };
        let talk = robot.request(notices, texts, now);
        tokio::time::timeout(robot.settings.timeout, talk).await.unwrap_or_else(|_| {
            let words = texts.locale.pick("群机器人超时未答复", "the robot did not answer in time");
            Joined { carried: notices.len(), verdict: Verdict::retry(words) }
        })
    }
}

impl Robot {
    fn new(settings: RobotSettings) -> Result<Self, ChannelError> {
        // What the key holds is not repeated: it is the secret.
        let fault = |why: &str| ChannelError { table: "robot", key: "key".to_owned(), why: why.to_owned() };
        let url = address(settings.kind, settings.key.expose_secret().trim());
        let url = url.ok_or_else(|| fault("neither a webhook address nor a key"))?;
        let http = Http::new(settings.timeout, settings.allow_private).map_err(|_| fault("no TLS"))?;
        Ok(Self { settings, url, http })
    }

    async fn request(&self, notices: &[Notice], texts: &Texts, now: Timestamp) -> Joined {
        let locale = texts.locale;
        let message = match fitting(&self.settings, notices, texts, now) {
            Ok(message) => message,
            Err(why) => {
                let words = locale.pick("群机器人的模板有误", "the robot's template is wrong");
                let verdict = Verdict::retry(self.scrub(&format!("{words}: {why}")));
                return Joined { carried: 1, verdict };
            }
        };
        let answer = match self.built(&message.body, now) {
            Ok(request) => self.http.ask(request, now).await,
            Err(why) => Err(Unanswered::Connect(why)),
        };
        let verdict = match answer {
            Ok(answer) => match robot_meaning(self.settings.kind, answer.json().as_ref()) {
                RobotMeaning::Accepted if answer.status.is_success() => Verdict::Accepted,
                RobotMeaning::Refused => {
                    let words = locale.pick("群机器人拒绝", "the robot refused");
                    Verdict::refused(self.scrub(&format!("{words}: {}", answer.shown())))
                }
                RobotMeaning::Accepted | RobotMeaning::Later(None) => {
                    self.later(&answer.shown(), answer.after, locale)
                }
                RobotMeaning::Later(wait) => self.later(&answer.shown(), answer.after.or(wait), locale),
            },
            Err(Unanswered::Connect(why)) => {
                let words = locale.pick("连接群机器人失败", "cannot reach the robot");
                Verdict::retry(self.scrub(&format!("{words}: {why}")))
            }
            Err(Unanswered::Broken { why, after }) => self.later(&why, after, locale),
        };
        Joined { carried: message.carried, verdict }
    }

    fn later(&self, said: &str, after: Option<std::time::Duration>, locale: Locale) -> Verdict {
        let words = locale.pick("群机器人未受理", "the robot did not accept");
        Verdict::Retry { why: self.scrub(&format!("{words}: {said}")), after }
    }

    fn built(&self, body: &str, now: Timestamp) -> Result<Request, String> {
        let mut url = self.url.clone();
        if let (RobotKind::DingTalk, Some(secret)) = (self.settings.kind, &self.settings.secret) {
            let millis = now.as_millisecond();
            let sign = dingtalk_sign(millis, secret.expose_secret());
            url.query_pairs_mut().append_pair("timestamp", &millis.to_string()).append_pair("sign", &sign);
        }
        let request = self.http.client.post(url).header("content-type", "application/json; charset=utf-8");
        request.body(body.to_owned()).build().map_err(told)
    }

    fn scrub(&self, said: &str) -> String {
        let whole = self.settings.key.expose_secret().trim();
        // The address's last part is the secret in it.
        let tail = whole.rsplit(['=', '/']).next().unwrap_or_default();
        let secret = self.settings.secret.as_ref().map_or("", |one| one.expose_secret());
        let tail = if tail.len() >= 6 { tail } else { "" };
        scrubbed(said, "", &[whole, tail, secret])
    }
}

/// The webhook address: written whole, or only what is secret of it.
fn address(kind: RobotKind, key: &str) -> Option<Url> {
    if key.starts_with("https://") || key.starts_with("http://") {
        return key.parse().ok();
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if key.is_empty() || !key.chars().all(fits) {
        return None;
    }
    let before = match kind {
        RobotKind::WeCom => "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        RobotKind::DingTalk => "https://oapi.dingtalk.com/robot/send?access_token=",
        RobotKind::Feishu => "https://open.feishu.cn/open-apis/bot/v2/hook/",
    };
    format!("{before}{key}").parse().ok()
}

impl Channel for Robots {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Robot
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move { self.join(std::slice::from_ref(notice), texts, now).await.verdict })
    }

    fn knock<'a>(&'a self, _: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move {
            let each = self.0.iter().map(|(name, robot)| async move {
                let why = robot.http.knock(&robot.url, locale).await.err()?;
                Some(Shut::at(name.clone(), robot.scrub(&why)))
            });
            join_all(each).await.into_iter().flatten().collect()
        })
    }

    fn pace(&self) -> Option<Pace> {
        Some(PACE)
    }

    fn send_joined<'a>(
        &'a self,
        notices: &'a [Notice],
        texts: &'a Texts,
        now: Timestamp,
    ) -> super::SendingJoined<'a> {
        Box::pin(self.join(notices, texts, now))
    }
}
