//! When each source is next due: a small record a source and a heap over them, so that finding what is due
//! does not walk over all sources. Ten thousand quiet sources cost a few hundred bytes each and no time.
//!
//! An entry of the heap that its record has outgrown is passed over when it comes up; nothing is searched.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

/// What a source is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A look at members that it follows.
    Look,
    /// A round.
    Round,
}

/// One source's record.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot {
    /// When its next round is due; `None` is at once. UTC.
    pub round_at: Option<Timestamp>,
    /// When its next look at members is due; `None` when it follows none. UTC.
    pub look_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// The source's own interval.
    pub interval: SignedDuration,
    /// The interval that `round_at` was planned by; `None` when something else set it (a host that asked
    /// for rest).
    pub planned: Option<SignedDuration>,
    /// Its interval while it is in a hurry (an emergency, a sensitive date).
    pub hurried: Option<SignedDuration>,
    /// A person has paused it: it is due for nothing.
    pub paused: bool,
    busy: bool,
    stamp: u64,
}

impl Slot {
    /// The next thing and when.
    fn next(&self, now: Timestamp) -> (Timestamp, Due) {
        if self.paused {
            return (Timestamp::MAX, Due::Round);
        }
        let round = self.round(now);
        match self.look_at {
            Some(look) if look < round => (look, Due::Look),
            _ => (round, Due::Round),
        }
    }

    /// When the next round is due. A plan that was made by a longer interval is moved forward by the
    /// difference, so that an emergency quickens sources at once. A stored instant further away than the
    /// source could have meant (a clock that was stepped, an interval that was shortened) is not believed.
    fn round(&self, now: Timestamp) -> Timestamp {
        let Some(at) = self.round_at else { return now };
        if at <= now || self.failures > 0 {
            return at;
        }
        let believable = self.planned.unwrap_or(self.interval).max(self.interval).saturating_mul(2);
        match (self.planned, self.hurried) {
            (Some(planned), Some(hurried)) if planned > hurried => {
                at.saturating_sub(planned - hurried).unwrap_or(at)
            }
            _ if at.duration_since(now) <= believable => at,
            _ => now,
        }
    }
}

type Entry = Reverse<(Timestamp, Arc<str>, u64)>;

/// All records.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    slots: HashMap<Arc<str>, Slot>,
    heap: BinaryHeap<Entry>,
    stamps: u64,
}

impl Schedule {
    /// Whether the source has a record.
    pub fn knows(&self, name: &str) -> bool {
        self.slots.contains_key(name)
    }

    /// Its interval while it is in a hurry, as last noted.
    pub fn hurried(&self, name: &str) -> Option<SignedDuration> {
        self.slots.get(name)?.hurried
    }

    /// Whether a round or a look of it is under way.
    pub fn is_busy(&self, name: &str) -> bool {
        self.slots.get(name).is_some_and(|slot| slot.busy)
    }

    /// Whether a person has paused it, as last noted.
    pub fn is_paused(&self, name: &str) -> bool {
        self.slots.get(name).is_some_and(|slot| slot.paused)
    }

    /// The sources that are noted as paused.
    pub fn paused(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().filter(|(_, slot)| slot.paused).map(|(name, _)| name.as_ref())
    }

    /// Forgets every source but these.
    pub fn keep_only(&mut self, names: &HashSet<&str>) {
        self.slots.retain(|name, _| names.contains(name.as_ref()));
    }

    /// Changes a source's record, making it when it is new, and plans it anew.
    pub fn put(&mut self, name: &str, now: Timestamp, change: impl FnOnce(&mut Slot)) {
        let key = self.slots.get_key_value(name).map_or_else(|| Arc::from(name), |(key, _)| Arc::clone(key));
        let slot = self.slots.entry(Arc::clone(&key)).or_default();
        change(slot);
        self.stamps += 1;
        slot.stamp = self.stamps;
        if !slot.busy {
            self.heap.push(Reverse((slot.next(now).0, key, slot.stamp)));
        }
        // Outgrown entries must not outnumber the sources by far.
        if self.heap.len() > 1_000 + 2 * self.slots.len() {
            let slots = &self.slots;
            self.heap.retain(|Reverse((_, name, stamp))| {
                slots.get(name).is_some_and(|slot| !slot.busy && slot.stamp == *stamp)
            });
        }
    }

    /// Takes the source that has been due for the longest; it is busy until [`Self::done`].
    pub fn take(&mut self, now: Timestamp) -> Option<(Arc<str>, Due)> {
        loop {
            if self.next_at()? > now {
                return None;
            }
            let Reverse((_, name, _)) = self.heap.pop()?;
            let Some(slot) = self.slots.get_mut(&name) else { continue };
            let (at, due) = slot.next(now);
            if at > now {
                // It was put off by a clock that moved.
                self.heap.push(Reverse((at, name, slot.stamp)));
                return None;
            }
            slot.busy = true;
            return Some((name, due));
        }
    }

    /// A source is free again.
    pub fn done(&mut self, name: &str, now: Timestamp) {
        if self.knows(name) {
            self.put(name, now, |slot| slot.busy = false);
        }
    }

    /// When the next source is due.
    pub fn next_at(&mut self) -> Option<Timestamp> {
        while let Some(Reverse((at, name, stamp))) = self.heap.peek() {
            if self.slots.get(name).is_some_and(|slot| !slot.busy && slot.stamp == *stamp) {
                return Some(*at);
            }
            self.heap.pop();
        }
        None
    }

    /// Plans every source anew: the clock may have been stepped.
    pub fn look_through(&mut self, now: Timestamp) {
        self.heap.clear();
        for (name, slot) in self.slots.iter().filter(|(_, slot)| !slot.busy) {
            self.heap.push(Reverse((slot.next(now).0, Arc::clone(name), slot.stamp)));
        }
    }
}
