//! Taking a post's words out of memory (`yuqing forget`): the member stays, with its figures and its place
//! in the statement, its words do not; what is seen of it later is not taken. The store does the same to
//! the rows.

use std::sync::Arc;

use std::borrow::Cow;

use super::{Change, Desk, Refused, case::Work};
use crate::{
    locale::Locale,
    model::{Forgotten, Mention, Post, PostKey, RememberedWords, text_hash},
};

impl Desk {
    /// Forgets the words of a post, wherever it stands; the audit keeps who, why, and their hash.
    pub(super) fn erase(
        &mut self,
        post: &PostKey,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        if by.trim().is_empty() || reason.trim().is_empty() {
            let words = work.locale.pick("请写明决定人和理由", "say who decides and why");
            return Err(Refused(words.to_owned()));
        }
        let instead = work.locale.pick("（已遗忘）", "(forgotten)");
        let mut incidents = self.incidents_of(post);
        incidents.extend(self.units.values().flat_map(|desk| desk.withdrawn_with(post)));
        let mut hash = self.state.forgotten.get(&post.to_string()).cloned().unwrap_or_default();
        for &id in &incidents {
            let found = self.with_case(id, work, |case, work| {
                let Some(member) = case.members.get_mut(post) else { return Ok(None) };
                let row = &mut member.row;
                let hash = Some(&row.post).filter(|post| !is_blank(post)).map(text_hash);
                let words = RememberedWords::of(&row.post);
                words.blank(row);
                work.changes.push(Change::Post(Box::new(row.clone())));
                words.scrub_incident(&mut case.row, instead);
                for notice in case.notices.values_mut() {
                    words.scrub_facts(Arc::make_mut(&mut notice.facts), instead);
                }
                Ok(hash)
            })?;
            hash = found.unwrap_or(hash);
        }
        self.state.forgotten.insert(post.to_string(), hash.clone());
        work.changes.push(Change::Forget(Forgotten { post: post.clone(), instead: instead.to_owned() }));
        let text = match work.locale {
            Locale::ZhCn => format!("遗忘帖子 {post} 的文字，只留哈希 {hash}；理由: {reason}"),
            Locale::En => {
                format!("the words of {post} are forgotten, their hash {hash} stays; why: {reason}")
            }
        };
        if incidents.is_empty() {
            work.note(None, "forgotten", Some(by), text.clone());
        }
        for id in incidents {
            work.note(Some(id), "forgotten", Some(by), text.clone());
        }
        Ok(())
    }

    /// A mention without what is forgotten; `None` when its own post is.
    pub(super) fn without_forgotten<'m>(&self, mention: &'m Mention) -> Option<Cow<'m, Mention>> {
        let is_forgotten = |key: &PostKey| self.state.forgotten.contains_key(&key.to_string());
        if self.state.forgotten.is_empty() {
            return Some(Cow::Borrowed(mention));
        }
        if is_forgotten(&mention.post.key) {
            return None;
        }
        let embedded = mention.post.repost_of.as_ref().and_then(|of| of.embedded.as_ref());
        if !embedded.is_some_and(|embedded| is_forgotten(&embedded.post.key)) {
            return Some(Cow::Borrowed(mention));
        }
        let mut without = mention.clone();
        if let Some(of) = &mut without.post.repost_of {
            of.embedded = None;
        }
        without.post.quoted.clear();
        Some(Cow::Owned(without))
    }
}

fn is_blank(post: &Post) -> bool {
    post.title.is_empty() && post.text.is_empty() && post.quoted.is_empty()
}
