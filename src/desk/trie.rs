//! A map from 64-bit hashes that can be copied at once: a copy shares every node with the original, and a
//! change makes anew only the nodes on the way to it. The desk changes its own while collect reads copies.

use std::sync::Arc;

/// Bits of the hash that choose a child.
const BITS: u32 = 4;
/// Entries of a leaf at most, as long as there are bits left to tell them apart.
const LEAF: usize = 16;

/// The map. Its keys are hashes already.
#[derive(Debug, Clone)]
pub(super) struct Trie<V> {
    root: Arc<Node<V>>,
    entries: usize,
}

#[derive(Debug, Clone)]
enum Node<V> {
    Leaf(Vec<(u64, V)>),
    /// Sixteen children.
    Branch(Vec<Arc<Node<V>>>),
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: Arc::new(Node::Leaf(Vec::new())), entries: 0 }
    }
}

const fn child(key: u64, depth: u32) -> usize {
    // Four bits: always below sixteen.
    ((key >> (depth * BITS)) & 15) as usize
}

impl<V> Trie<V> {
    /// Number of entries.
    pub(super) const fn len(&self) -> usize {
        self.entries
    }

    pub(super) fn get(&self, key: u64) -> Option<&V> {
        let mut node = &self.root;
        let mut depth = 0;
        loop {
            match &**node {
                Node::Branch(children) => node = children.get(child(key, depth))?,
                Node::Leaf(list) => return list.iter().find(|(one, _)| *one == key).map(|(_, value)| value),
            }
            depth += 1;
        }
    }

    /// All values, in no particular order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        let mut open = vec![&*self.root];
        std::iter::from_fn(move || {
            loop {
                match open.pop()? {
                    Node::Leaf(list) => return Some(list),
                    Node::Branch(children) => open.extend(children.iter().map(|one| &**one)),
                }
            }
        })
        .flatten()
        .map(|(_, value)| value)
    }
}

impl<V: Clone> Trie<V> {
    /// The value of a key, made when there is none.
    pub(super) fn entry(&mut self, key: u64, make: impl FnOnce() -> V) -> &mut V {
        let Self { root, entries } = self;
        slot(root, key, 0, entries, make)
    }

    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        // Looked for first, so that a miss copies nothing.
        self.get(key)?;
        let mut node = &mut self.root;
        let mut depth = 0;
        loop {
            match Arc::make_mut(node) {
                Node::Branch(children) => node = children.get_mut(child(key, depth))?,
                Node::Leaf(list) => {
                    return list.iter_mut().find(|(one, _)| *one == key).map(|(_, value)| value);
                }
            }
            depth += 1;
        }
    }

    pub(super) fn insert(&mut self, key: u64, value: V) {
        let mut value = Some(value);
        if let Some(known) = self.get_mut(key) {
            if let Some(value) = value.take() {
                *known = value;
            }
        } else if let Some(value) = value.take() {
            self.entry(key, || value);
        }
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<V> {
        self.get(key)?;
        let mut node = &mut self.root;
        let mut depth = 0;
        loop {
            match Arc::make_mut(node) {
                Node::Branch(children) => node = children.get_mut(child(key, depth))?,
                Node::Leaf(list) => {
                    let at = list.iter().position(|(one, _)| *one == key)?;
                    self.entries -= 1;
                    return Some(list.swap_remove(at).1);
                }
            }
            depth += 1;
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "sixteen children, and a place that was just filled")]
fn slot<'t, V: Clone>(
    node: &'t mut Arc<Node<V>>,
    key: u64,
    depth: u32,
    entries: &mut usize,
    make: impl FnOnce() -> V,
) -> &'t mut V {
    let node = Arc::make_mut(node);
    if let Node::Leaf(list) = node
        && list.len() >= LEAF
        && depth < u64::BITS / BITS
        && !list.iter().any(|(one, _)| *one == key)
    {
        let mut parts: Vec<Vec<(u64, V)>> = (0..16).map(|_| Vec::new()).collect();
        for entry in std::mem::take(list) {
            parts[child(entry.0, depth)].push(entry);
        }
        *node = Node::Branch(parts.into_iter().map(|part| Arc::new(Node::Leaf(part))).collect());
    }
    match node {
        Node::Branch(children) => slot(&mut children[child(key, depth)], key, depth + 1, entries, make),
        Node::Leaf(list) => {
            let at = list.iter().position(|(one, _)| *one == key).unwrap_or_else(|| {
                *entries += 1;
                list.push((key, make()));
                list.len() - 1
            });
            &mut list[at].1
        }
    }
}
