//! The members of one incident by identity. Most incidents have a handful and a few have very many, so they
//! stand boxed in one sorted list: what is not there takes no room, and what is put in moves pointers only.

use super::case::Member;
use crate::model::PostKey;

/// Members, each once, ordered by identity.
#[derive(Debug, Clone, Default)]
#[expect(clippy::vec_box, reason = "a list of thousands is moved at every new member")]
pub(super) struct Members(Vec<Box<Member>>);

impl Members {
    fn place(&self, key: &PostKey) -> Result<usize, usize> {
        self.0.binary_search_by(|one| one.key().cmp(key))
    }

    /// Number of members.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn contains_key(&self, key: &PostKey) -> bool {
        self.place(key).is_ok()
    }

    pub(super) fn get(&self, key: &PostKey) -> Option<&Member> {
        self.0.get(self.place(key).ok()?).map(|one| &**one)
    }

    pub(super) fn get_mut(&mut self, key: &PostKey) -> Option<&mut Member> {
        let place = self.place(key).ok()?;
        self.0.get_mut(place).map(|one| &mut **one)
    }

    /// Puts a member in, in the place of one of the same identity.
    pub(super) fn insert(&mut self, member: Member) {
        match self.place(member.key()) {
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    **known = member;
                }
            }
            Err(place) => {
                if self.0.capacity() == self.0.len() {
                    // By half rather than to twice as many: a million of incidents have one or two.
                    self.0.reserve_exact(self.0.len() / 2 + 1);
                }
                self.0.insert(place, Box::new(member));
            }
        }
    }

    pub(super) fn remove(&mut self, key: &PostKey) -> Option<Member> {
        let place = self.place(key).ok()?;
        Some(*self.0.remove(place))
    }

    /// Puts many in at once; of two with one identity the later stays.
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Box<Member>>) {
        self.0.extend(more);
        self.0.sort_by(|a, b| a.key().cmp(b.key()));
        self.0.dedup_by(|later, earlier| {
            let same = later.key() == earlier.key();
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        self.0.shrink_to_fit();
    }

    /// In the order of their identities.
    pub(super) fn values(&self) -> impl Iterator<Item = &Member> + Clone {
        self.0.iter().map(|one| &**one)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.0.iter_mut().map(|one| &mut **one)
    }

    /// Takes all of them out.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Box<Member>> + use<> {
        std::mem::take(&mut self.0).into_iter()
    }
}
