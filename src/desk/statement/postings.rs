//! Which cores hold a hash: nearly always one, so a list is made only for those that more than one holds.

use std::{collections::HashMap, hash::Hash};

use foldhash::fast::FixedState;

/// Marks that what is kept is the place of a list.
const LIST: u32 = 0x8000_0000;

/// Slots of cores by a hash of theirs.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings<K> {
    heads: HashMap<K, u32, FixedState>,
    lists: Vec<Vec<u32>>,
    free: Vec<u32>,
}

impl<K: Hash + Eq + Copy> Postings<K> {
    /// Notes that a core holds a hash.
    pub(super) fn insert(&mut self, hash: K, slot: u32) {
        let Some(head) = self.heads.get_mut(&hash) else {
            self.heads.insert(hash, slot);
            return;
        };
        if let Some(list) = list_mut(&mut self.lists, *head) {
            list.push(slot);
            return;
        }
        let both = vec![*head, slot];
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.lists.push(Vec::new());
                u32::try_from(self.lists.len() - 1).unwrap_or(LIST - 1)
            }
        };
        if let Some(list) = self.lists.get_mut(index(place)) {
            *list = both;
        }
        *head = place | LIST;
    }

    /// Forgets it; leaves no trace.
    pub(super) fn remove(&mut self, hash: K, slot: u32) {
        let Some(head) = self.heads.get_mut(&hash) else { return };
        let Some(list) = list_mut(&mut self.lists, *head) else {
            if *head == slot {
                self.heads.remove(&hash);
            }
            return;
        };
        // Slots grow, so that lists are sorted; after four thousand million insertions they may not be.
        match list.binary_search(&slot) {
            Ok(at) => drop(list.remove(at)),
            Err(_) => list.retain(|&other| other != slot),
        }
        if let [one] = **list {
            *list = Vec::new();
            self.free.push(*head & !LIST);
            *head = one;
        }
    }

    /// All hashes that a core holds.
    pub(super) fn hashes(&self) -> impl ExactSizeIterator<Item = K> {
        self.heads.keys().copied()
    }

    /// Whether any core holds a hash.
    pub(super) fn has(&self, hash: K) -> bool {
        self.heads.contains_key(&hash)
    }

    /// The cores that hold a hash, oldest first.
    pub(super) fn get(&self, hash: K) -> &[u32] {
        let Some(head) = self.heads.get(&hash) else { return &[] };
        match head & LIST {
            0 => std::slice::from_ref(head),
            _ => self.lists.get(index(head & !LIST)).map_or(&[], Vec::as_slice),
        }
    }

    /// Number of hashes.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Bytes that it takes, nearly.
    pub(super) fn size_bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(|list| list.capacity() * size_of::<u32>()).sum();
        self.heads.capacity() * (size_of::<(K, u32)>() + 1)
            + lists
            + self.lists.capacity() * size_of::<Vec<u32>>()
            + self.free.capacity() * size_of::<u32>()
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn list_mut(lists: &mut [Vec<u32>], head: u32) -> Option<&mut Vec<u32>> {
    if head & LIST == 0 { None } else { lists.get_mut(index(head & !LIST)) }
}
