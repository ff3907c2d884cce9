//! The words of one post, to find them again in what was written of it and take them out.

use super::{Facts, Incident, Post, PostRow};

/// Fewer characters than this are nobody's own words.
const LEAST: usize = 8;

/// What a post says, as other rows may repeat it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RememberedWords {
    url: String,
    /// Title, text, quotation and their lines; the longest first.
    parts: Vec<String>,
}

impl RememberedWords {
    /// The words of a post.
    #[must_use]
    pub fn of(post: &Post) -> Self {
        let mut parts: Vec<String> = Vec::new();
        for whole in [&post.title, &post.text, &post.quoted] {
            for part in std::iter::once(whole.as_str()).chain(whole.lines()) {
                let part = part.trim();
                if part.chars().count() >= LEAST && !parts.iter().any(|known| known == part) {
                    parts.push(part.to_owned());
                }
            }
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        Self { url: post.url.clone(), parts }
    }

    /// A few words by which rows that repeat the post can be looked for.
    #[must_use]
    pub fn needles(&self) -> Vec<String> {
        let beginning = |part: &String| part.chars().take(LEAST).collect();
        let mut needles: Vec<String> = self.parts.iter().map(beginning).collect();
        needles.extend(Some(&self.url).filter(|url| !url.is_empty()).cloned());
        needles.sort();
        needles.dedup();
        needles
    }

    /// Takes the words out of a text; answers whether they stood there.
    pub fn scrub(&self, text: &mut String, instead: &str) -> bool {
        let bare = text.trim().trim_end_matches('…').trim();
        // A text that is a piece of the post's: a gist, an excerpt.
        if bare.chars().count() >= LEAST && self.parts.iter().any(|part| part.contains(bare)) {
            instead.clone_into(text);
            return true;
        }
        let mut found = false;
        for part in &self.parts {
            // What was shortened ends in an ellipsis.
            let short: String = part.chars().take(LEAST).collect();
            if text.contains(part.as_str()) {
                *text = text.replace(part.as_str(), instead);
                found = true;
            } else if let Some((before, rest)) = text.split_once(short.as_str()) {
                let same = rest.chars().zip(part.chars().skip(LEAST)).take_while(|(a, b)| a == b).count();
                let after: String = rest.chars().skip(same).collect();
                *text = format!("{before}{instead}{after}");
                found = true;
            }
        }
        found
    }

    /// Takes the words out of what a notice says; answers whether they stood there.
    pub fn scrub_facts(&self, facts: &mut Facts, instead: &str) -> bool {
        let mut found = self.scrub(&mut facts.gist, instead);
        found |= self.scrub(&mut facts.excerpt, instead);
        found |= self.scrub(&mut facts.note, instead);
        for line in &mut facts.posts {
            if line.url == self.url && !line.title.is_empty() && line.title != instead {
                instead.clone_into(&mut line.title);
                found = true;
            }
            found |= self.scrub(&mut line.title, instead);
        }
        for line in &mut facts.digest {
            found |= self.scrub(&mut line.gist, instead);
        }
        found
    }

    /// Takes the words out of an incident, what people wrote of it included; answers whether they stood there.
    pub fn scrub_incident(&self, incident: &mut Incident, instead: &str) -> bool {
        let mut found = self.scrub(&mut incident.gist, instead);
        let course = &mut incident.course;
        let written = (course.texts.iter_mut().map(|draft| &mut draft.text))
            .chain(course.replies.iter_mut().map(|reply| &mut reply.text))
            .chain(course.assignment.iter_mut().map(|assignment| &mut assignment.instruction));
        for text in written {
            found |= self.scrub(text, instead);
        }
        match &mut course.undo {
            Some(undo) => self.scrub_incident(&mut undo.before, instead) || found,
            None => found,
        }
    }

    /// Takes its words out of the post's own row; identity, address and figures stay.
    pub fn blank(&self, row: &mut PostRow) {
        let post = &mut row.post;
        post.title.clear();
        post.text.clear();
        post.quoted.clear();
        post.links.clear();
        if let Some(of) = &mut post.repost_of {
            of.embedded = None;
        }
        row.surfaces.clear();
        row.marks.clear();
    }
}
