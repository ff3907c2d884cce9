//! Dispatch: what waits goes out to servers that accept, refuse, hang, answer late and lie.

use jiff::{SignedDuration, Timestamp};

use super::{Happening, Sim};
use crate::{
    app::simulate::{Broken, world::Answer},
    desk::Input,
    dispatch::next_attempt_at,
    model::{ChannelKind, Delivery, Fate, Notice, NoticeId, Outcome, Receipt},
    store::Outgoing,
};

impl Sim {
    /// When dispatch has something to do.
    pub(super) async fn next_send(&mut self) -> Option<Timestamp> {
        let process = self.process.as_ref()?;
        let next = process.store.next_outgoing_at().await;
        if self.dies("crash at the outbox's next time", 1) {
            return None;
        }
        let soon = self.now + SignedDuration::from_secs(5);
        let Ok(next) = next else { return Some(soon) };
        let at = next? - self.skew;
        let parked = self.parked.values().min().copied();
        Some(if at > self.now { at } else { parked.map_or(self.now, |at| at.max(self.now)).max(self.now) })
    }

    /// One look of dispatch into the outbox.
    pub(super) async fn dispatch(&mut self) -> Result<(), Broken> {
        let Some(process) = &self.process else { return Ok(()) };
        let now = self.clock();
        // Each channel has a queue of its own, so that a server that hangs hides nobody else's notices.
        let mut waiting = Vec::new();
        for channel in ChannelKind::ALL.into_iter().filter(|channel| channel.is_dispatched()) {
            let Ok(own) = process.store.outgoing_on(channel, now, 40).await else {
                self.fault("failed read");
                self.causes.disturb("the store failed", self.now);
                self.now += SignedDuration::from_secs(1);
                return Ok(());
            };
            waiting.extend(own);
        }
        if !waiting.is_empty() && self.dies("crash at an outbox read", 3) {
            return Ok(());
        }
        let true_now = self.now;
        self.parked.retain(|_, until| *until > true_now);
        for outgoing in waiting {
            if self.process.is_none() {
                break;
            }
            if self.parked.contains_key(&outgoing.notice.id) {
                continue;
            }
            self.send(outgoing).await?;
        }
        Ok(())
    }

    /// A slow server has answered, if the process that asked still lives.
    pub(super) async fn answered(
        &mut self,
        notice: NoticeId,
        attempt: u32,
        start: u32,
    ) -> Result<(), Broken> {
        if start != self.starts || self.process.is_none() {
            return Ok(());
        }
        self.causes.arrives(&notice);
        let delivery = Delivery { notice, at: self.clock(), attempt, outcome: Outcome::Accepted, parts: 0 };
        self.take(vec![(Input::Delivery(delivery), None)]).await
    }

    /// Something may be heard of a message that was accepted: some come back, of some it is said that they arrived.
    pub(super) fn await_receipt(&mut self, notice: &Notice) {
        if !notice.channel.is_dispatched() || !self.awaited.insert(notice.id.clone()) {
            return;
        }
        if self.receipts.percent(6) {
            let after = match self.receipts.below(3) {
                0 => self.receipts.between(1, 300),
                1 => self.receipts.between(300, 7_200),
                _ => self.receipts.between(7_200, 100_000),
            };
            self.put(self.now + SignedDuration::from_secs(after), Happening::Receipt(notice.id.clone()));
        }
    }

    /// A channel tells what became of a message.
    pub(super) async fn receipt(&mut self, id: NoticeId) -> Result<(), Broken> {
        let Some(process) = &self.process else { return Ok(()) };
        let Ok(notice) = process.store.notice(&id).await else {
            self.fault("failed read");
            self.put(self.now + SignedDuration::from_secs(60), Happening::Receipt(id));
            return Ok(());
        };
        let Some(notice) = notice else { return Ok(()) };
        let fate = if self.receipts.percent(60) {
            self.fault("message came back");
            Fate::Returned { why: "550 5.1.1".to_owned() }
        } else {
            Fate::Arrived
        };
        let receipt = Receipt { notice, at: self.clock(), fate };
        self.take(vec![(Input::Receipt(Box::new(receipt)), None)]).await
    }

    async fn send(&mut self, outgoing: Outgoing) -> Result<(), Broken> {
        let id = outgoing.notice.id.clone();
        let (at, attempt) = (self.clock(), outgoing.attempts + 1);
        if self.dies("crash before sending", 1) {
            return Ok(());
        }
        let answer = self.world.send(&outgoing.notice, self.now);
        self.say(|| format!("  server {answer:?} {id}"));
        if matches!(answer, Answer::Accepts | Answer::Lies | Answer::Slow(_)) {
            let times = self.world.taken.get(&id).map_or(0, |taken| taken.0);
            if times > 1 {
                let Some(why) = self.causes.taken_again(&id) else {
                    let what = format!("{id} was taken {times} times");
                    return Err(Broken { invariant: "no notice is sent twice", at, what });
                };
                *self.figures.doubled.entry(why).or_default() += 1;
            }
        }
        let delivery = |outcome| Delivery { notice: id.clone(), at, attempt, outcome, parts: 0 };
        match answer {
            Answer::Accepts => {
                if self.dies("crash after 250", 3) {
                    self.causes.tear(&id, "crash after 250");
                    return Ok(());
                }
                self.take(vec![(Input::Delivery(delivery(Outcome::Accepted)), None)]).await?;
            }
            Answer::Slow(seconds) => {
                // Until the answer comes it is on its way; a process that dies meanwhile never hears it.
                self.causes.sets_out(&id);
                self.causes.fails(&id, "the server was slow");
                let until = self.now + SignedDuration::from_secs(seconds);
                self.parked.insert(id.clone(), until + SignedDuration::from_secs(1));
                self.put(until, Happening::Answered { notice: id, attempt, start: self.starts });
                self.dies("crash while sending", 10);
            }
            Answer::Refuses => {
                if self.dies("crash after 550", 20) {
                    return Ok(());
                }
                let outcome = Outcome::Refused { why: "550".to_owned() };
                self.take(vec![(Input::Delivery(delivery(outcome)), None)]).await?;
            }
            Answer::Lies | Answer::Fails => {
                if answer == Answer::Lies {
                    self.causes.tear(&id, "the server took it and said nothing");
                }
                self.causes.fails(&id, "the server was away");
                self.causes.is_away(outgoing.notice.channel, self.now);
                let jitter = f64::from(u32::try_from(self.dice.below(1_000)).unwrap_or(0)) / 1_000.0;
                let next = next_attempt_at(attempt, at, outgoing.notice.due_at, None, jitter);
                if self.dies("crash before a record", 1) {
                    return Ok(());
                }
                let Some(process) = &self.process else { return Ok(()) };
                let outcome = Outcome::Retry { why: "timeout".to_owned() };
                if process.store.attempted(delivery(outcome), next).await.is_err() {
                    self.fault("failed record");
                    self.causes.disturb("the store failed", self.now);
                    self.parked.insert(id, (next - self.skew).max(self.now + SignedDuration::from_secs(1)));
                }
                self.dies("crash after a record", 1);
            }
        }
        Ok(())
    }
}
