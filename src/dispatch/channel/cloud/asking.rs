//! Asks a cloud what became of the messages that it accepted: an office's machine is seldom reachable from
//! outside, so the cloud cannot tell by itself.
//!
//! A question is about one number and one day, as the clouds want it. How often it is asked follows from the age of its
//! youngest message ([`every`]). A round asks at most [`QUESTIONS`], so that a storm of messages meets no limit of the
//! cloud's: first what was never asked, the newest message first, then what has waited longest since it was asked.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{
    SignedDuration, Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    super::{Heard, http::Unanswered, public_key, scrubbed},
    CloudSms, aliyun_number,
    fate::{Receipts, Told, Trouble, receipts},
    tencent_number,
};
use crate::{
    config::channels::Cloud,
    locale::Locale,
    model::{Fate, Notice, NoticeState},
};

/// Requests of one round at most. The clouds allow 20 and 5,000 a second.
pub const QUESTIONS: usize = 20;
/// Bound on one round.
const ROUND: Duration = Duration::from_secs(45);
/// Messages on a page of Alibaba Cloud's answer (it allows 50): with their texts they fit what is read of an answer.
const PAGE: usize = 20;
/// Pages of one question at most.
const PAGES: usize = 5;
/// Messages in Tencent Cloud's answer, the most that it allows.
const MOST: usize = 100;
/// How far our clock and the cloud's may be apart: both refuse a request that is further off.
const SKEW: SignedDuration = SignedDuration::from_mins(10);
/// While questions fail, none waits longer than this.
const IN_TROUBLE: SignedDuration = SignedDuration::from_mins(10);
/// Own numbers of Tencent Cloud that are remembered.
const SERIALS: usize = 2_000;

/// How long to wait between two questions about a message that was accepted so long ago: a minute for half an hour,
/// in which nearly all receipts come; ten minutes up to six hours; an hour from then on.
#[must_use]
pub fn every(age: SignedDuration) -> SignedDuration {
    if age < SignedDuration::from_mins(30) {
        SignedDuration::from_mins(1)
    } else if age < SignedDuration::from_hours(6) {
        SignedDuration::from_mins(10)
    } else {
        SignedDuration::from_hours(1)
    }
}

/// What is asked about: a number and the day on which messages went to it, by China's clock.
type Subject = (String, Date);

/// What a channel knows of its questions.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// When something was asked last.
    asked: HashMap<Subject, Timestamp>,
    /// Tencent Cloud's numbers of messages and our keys of them, the newest last. It gives our own key back only to
    /// those who have asked its support for that.
    serials: VecDeque<(String, String)>,
    /// Why the last questions were not answered.
    trouble: Option<String>,
}

/// One question.
struct Question<'a> {
    subject: Subject,
    notices: Vec<&'a Notice>,
    /// When the first and the last of them were accepted.
    accepted: (Timestamp, Timestamp),
}

impl CloudSms {
    /// Notes the cloud's own number of a message that it has just accepted.
    pub(super) fn remember(&self, notice: &Notice, answer: Option<&Value>) {
        let serial = answer.and_then(|json| json.pointer("/Response/SendStatusSet/0/SerialNo"));
        let Some(serial) = serial.and_then(Value::as_str).filter(|serial| !serial.is_empty()) else { return };
        let mut memory = self.memory();
        memory.serials.push_back((serial.to_owned(), public_key(notice)));
        while memory.serials.len() > SERIALS {
            memory.serials.pop_front();
        }
    }

    /// A round of questions.
    ///
    /// # Errors
    /// Why nothing could be heard; said again by rounds in which nothing is to be asked, so that they do not look like
    /// a recovery.
    pub(super) async fn ask_all(
        &self,
        accepted: &[Notice],
        locale: Locale,
        now: Timestamp,
    ) -> Result<Vec<Heard>, String> {
        let questions = self.due(accepted, now);
        if questions.is_empty() {
            return self.memory().trouble.clone().map_or_else(|| Ok(Vec::new()), Err);
        }
        let mut heard = Vec::new();
        let asking = self.ask_each(&questions, locale, now, &mut heard);
        let asked = tokio::time::timeout(ROUND, asking).await.unwrap_or_else(|_| {
            Err(locale.pick("短信服务答复太慢", "the SMS service answers too slowly").to_owned())
        });
        self.memory().trouble = asked.as_ref().err().cloned();
        match asked {
            Err(why) if heard.is_empty() => Err(why),
            Err(_) | Ok(()) => Ok(heard),
        }
    }

    /// The questions whose time has come, in their order.
    fn due<'a>(&self, accepted: &'a [Notice], now: Timestamp) -> Vec<Question<'a>> {
        let questions = questions(self.settings.cloud, accepted);
        let mut memory = self.memory();
        memory.asked.retain(|subject, _| questions.contains_key(subject));
        let troubled = memory.trouble.is_some();
        let mut due: Vec<(Option<Timestamp>, Question<'a>)> = Vec::new();
        for question in questions.into_values() {
            let last = memory.asked.get(&question.subject).copied();
            let wait = every(now.duration_since(question.accepted.1));
            let wait = if troubled { wait.min(IN_TROUBLE) } else { wait };
            // A clock that was set back makes nobody wait.
            let waits = last.is_some_and(|last| last <= now && now.duration_since(last) < wait);
            if !waits {
                due.push((last, question));
            }
        }
        due.sort_by(|(one, a), (other, b)| one.cmp(other).then(b.accepted.1.cmp(&a.accepted.1)));
        due.into_iter().map(|(_, question)| question).collect()
    }

    async fn ask_each(
        &self,
        questions: &[Question<'_>],
        locale: Locale,
        now: Timestamp,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let mut left = QUESTIONS;
        for question in questions {
            if left == 0 {
                tracing::info!(questions = questions.len(), "receipts of some numbers are asked for later");
                break;
            }
            self.memory().asked.insert(question.subject.clone(), now);
            match self.ask_about(question, locale, now, &mut left).await {
                Ok(told) => heard.extend(self.heard_of(question, &told)),
                Err(Trouble { why, of_number: true }) => {
                    let number = super::super::masked(&question.subject.0);
                    tracing::debug!(number, why, "the cloud knows no receipts of this number");
                }
                Err(Trouble { why, of_number: false }) => return Err(why),
            }
        }
        Ok(())
    }

    /// Asks one question, page by page.
    async fn ask_about(
        &self,
        question: &Question<'_>,
        locale: Locale,
        now: Timestamp,
        left: &mut usize,
    ) -> Result<Vec<Told>, Trouble> {
        let mut told: Vec<Told> = Vec::new();
        for page in 1..=PAGES {
            let Some(fewer) = left.checked_sub(1) else { break };
            *left = fewer;
            let request = match self.settings.cloud {
                Cloud::Aliyun => self.aliyun_question(question, page, now),
                Cloud::Tencent => self.tencent_question(question, now),
            };
            let request = request.map_err(|why| Trouble { why, of_number: false })?;
            let answer = self.answer(request, &question.subject.0, locale, now).await?;
            let rows = answer.told.len();
            told.extend(answer.told);
            let all = question.notices.iter().all(|one| told.iter().any(|row| is_of(row, &public_key(one))));
            let last = rows < PAGE || answer.total.is_some_and(|total| total <= count(page * PAGE));
            if self.settings.cloud == Cloud::Tencent || all || last {
                break;
            }
        }
        Ok(told)
    }

    fn aliyun_question(
        &self,
        question: &Question<'_>,
        page: usize,
        now: Timestamp,
    ) -> Result<reqwest::Request, String> {
        let (number, day) = &question.subject;
        let (day, page, size) = (day.strftime("%Y%m%d").to_string(), page.to_string(), PAGE.to_string());
        // In the order of their names, as they are signed.
        let query = [
            ("CurrentPage", page.as_str()),
            ("PageSize", size.as_str()),
            ("PhoneNumber", aliyun_number(number)),
            ("SendDate", day.as_str()),
        ];
        self.acs_request("QuerySendDetails", &query, now)
    }

    fn tencent_question(&self, question: &Question<'_>, now: Timestamp) -> Result<reqwest::Request, String> {
        // Without an end: whether it is compared with the sending or with the receipt is not said.
        let since = question.accepted.0.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        let body = json!({
            "BeginTime": since.as_second(),
            "Offset": 0,
            "Limit": MOST,
            "PhoneNumber": tencent_number(&question.subject.0),
            "SmsSdkAppId": self.settings.app_id,
        });
        self.tc_request("PullSmsSendStatusByPhoneNumber", body.to_string(), now)
    }

    async fn answer(
        &self,
        request: reqwest::Request,
        number: &str,
        locale: Locale,
        now: Timestamp,
    ) -> Result<Receipts, Trouble> {
        let secret = self.settings.key_secret.expose_secret();
        let scrub = |why: &str| scrubbed(why, number, &[secret]);
        let fault =
            |words: &str, why: &str| Trouble { why: scrub(&format!("{words}: {why}")), of_number: false };
        let answer = match self.http.ask(request, now).await {
            Ok(answer) => answer,
            Err(Unanswered::Connect(why)) => {
                return Err(fault(locale.pick("连接短信服务失败", "cannot reach the SMS service"), &why));
            }
            Err(Unanswered::Broken { why, .. }) => {
                let words = locale.pick("短信服务的答复中断", "the SMS service's answer broke off");
                return Err(fault(words, &why));
            }
        };
        let status = answer.status.as_u16();
        match receipts(self.settings.cloud, &answer.body, locale) {
            Ok(mut read) if answer.status.is_success() => {
                for row in &mut read.told {
                    if let Some(Fate::Returned { why }) = &mut row.fate {
                        *why = scrub(why);
                    }
                }
                Ok(read)
            }
            Ok(_) => Err(fault("HTTP", &status.to_string())),
            Err(Trouble { why, of_number }) => {
                Err(Trouble { why: scrub(&format!("{why}, HTTP {status}")), of_number })
            }
        }
    }

    /// What was told of the notices of a question.
    fn heard_of(&self, question: &Question<'_>, told: &[Told]) -> Vec<Heard> {
        let told = self.with_keys(told);
        let of = |notice: &&Notice| {
            let fate = fate_of(&public_key(notice), &told)?;
            Some(Heard { notice: notice.id.clone(), fate })
        };
        question.notices.iter().filter_map(of).collect()
    }

    /// Where the cloud left our key out, the one that belongs to its own number.
    fn with_keys(&self, told: &[Told]) -> Vec<Told> {
        let memory = self.memory();
        let mut told = told.to_vec();
        for row in told.iter_mut().filter(|row| row.key.is_none()) {
            let known = memory.serials.iter().rev().find(|(serial, _)| row.serial.as_ref() == Some(serial));
            row.key = known.map(|(_, key)| key.clone());
        }
        told
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of(row: &Told, key: &str) -> bool {
    row.key.as_deref() == Some(key)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// What became of a message that may have gone out more than once, or in several parts: it arrived when one of them
/// did, and came back when all did.
fn fate_of(key: &str, told: &[Told]) -> Option<Fate> {
    let fates: Vec<Option<&Fate>> =
        told.iter().filter(|row| is_of(row, key)).map(|row| row.fate.as_ref()).collect();
    if fates.contains(&Some(&Fate::Arrived)) {
        return Some(Fate::Arrived);
    }
    let all: Option<Vec<&Fate>> = fates.into_iter().collect();
    all?.first().map(|fate| (*fate).clone())
}

/// The questions about notices, by number and day. Round midnight the cloud's day may be the one before or after.
fn questions(cloud: Cloud, accepted: &[Notice]) -> BTreeMap<Subject, Question<'_>> {
    let mut questions: BTreeMap<Subject, Question<'_>> = BTreeMap::new();
    for notice in accepted {
        let NoticeState::Accepted { at, .. } = notice.state else { continue };
        let days: BTreeSet<Date> = match cloud {
            Cloud::Aliyun => [at.saturating_sub(SKEW), at.saturating_add(SKEW)]
                .into_iter()
                .map(|near| day(near.unwrap_or(at)))
                .collect(),
            Cloud::Tencent => BTreeSet::from([day(at)]),
        };
        for day in days {
            let subject = (notice.address.clone(), day);
            let question = questions.entry(subject.clone()).or_insert_with(|| Question {
                subject,
                notices: Vec::new(),
                accepted: (at, at),
            });
            question.notices.push(notice);
            question.accepted = (question.accepted.0.min(at), question.accepted.1.max(at));
        }
    }
    questions
}

/// The day in China, where both clouds keep their books.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(Offset::constant(8))).date()
}
