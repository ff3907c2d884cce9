//! The members of one incident by identity. Most incidents have a handful and a few have very many, so they
//! stand boxed in one sorted list: what is not there takes no room, and what is put in moves pointers only.

use std::sync::OnceLock;

use super::case::Member;
use crate::model::PostKey;

/// Members, each once, ordered by identity.
#[derive(Debug, Clone, Default)]
#[expect(clippy::vec_box, reason = "a list of thousands is moved at every new member")]
pub(super) struct Members {
    all: Vec<Box<Member>>,
    /// Identities of the cores in order, once somebody has asked: every repost asks, and a storm of them must not look
    /// through all that came before. Empty again when a core may have come or gone.
    cores: OnceLock<Vec<PostKey>>,
}

impl Members {
    fn place(&self, key: &PostKey) -> Result<usize, usize> {
        self.all.binary_search_by(|one| one.key().cmp(key))
    }

    /// Number of members.
    pub(super) const fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn contains_key(&self, key: &PostKey) -> bool {
        self.place(key).is_ok()
    }

    pub(super) fn get(&self, key: &PostKey) -> Option<&Member> {
        self.all.get(self.place(key).ok()?).map(|one| &**one)
    }

    /// For changes of whatever kind.
    pub(super) fn get_mut(&mut self, key: &PostKey) -> Option<&mut Member> {
        self.cores.take();
        self.get_mut_to_count(key)
    }

    /// For changes of what was counted or found in the text, none of which makes a core ([`PostRow::is_core`]).
    ///
    /// [`PostRow::is_core`]: crate::model::PostRow::is_core
    pub(super) fn get_mut_to_count(&mut self, key: &PostKey) -> Option<&mut Member> {
        let place = self.place(key).ok()?;
        self.all.get_mut(place).map(|one| &mut **one)
    }

    /// Those that later texts are compared with, in the order of their identities.
    pub(super) fn cores(&self) -> impl Iterator<Item = &Member> {
        let cores = self.cores.get_or_init(|| {
            self.values().filter(|member| member.row.is_core()).map(|member| member.key().clone()).collect()
        });
        cores.iter().filter_map(|key| self.get(key))
    }

    /// Puts a member in, in the place of one of the same identity.
    pub(super) fn insert(&mut self, member: Member) {
        let place = self.place(member.key());
        if place.is_ok() || member.row.is_core() {
            self.cores.take();
        }
        match place {
            Ok(place) => {
                if let Some(known) = self.all.get_mut(place) {
                    **known = member;
                }
            }
            Err(place) => {
                if self.all.capacity() == self.all.len() {
                    // By half rather than to twice as many: a million of incidents have one or two.
                    self.all.reserve_exact(self.all.len() / 2 + 1);
                }
                self.all.insert(place, Box::new(member));
            }
        }
    }

    pub(super) fn remove(&mut self, key: &PostKey) -> Option<Member> {
        self.cores.take();
        let place = self.place(key).ok()?;
        Some(*self.all.remove(place))
    }

    /// Puts many in at once; of two with one identity the later stays.
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Box<Member>>) {
        self.cores.take();
        self.all.extend(more);
        self.all.sort_by(|a, b| a.key().cmp(b.key()));
        self.all.dedup_by(|later, earlier| {
            let same = later.key() == earlier.key();
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        self.all.shrink_to_fit();
    }

    /// In the order of their identities.
    pub(super) fn values(&self) -> impl Iterator<Item = &Member> + Clone {
        self.all.iter().map(|one| &**one)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.cores.take();
        self.all.iter_mut().map(|one| &mut **one)
    }

    /// Takes all of them out.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Box<Member>> + use<> {
        self.cores.take();
        std::mem::take(&mut self.all).into_iter()
    }
}
