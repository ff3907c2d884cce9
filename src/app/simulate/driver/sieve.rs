//! Before the desk: what a post meets by the lists in force, and whether what meets nothing concerns a live statement.

use super::{Sim, failed};
use crate::{
    app::simulate::Broken,
    desk::{Input, Operations},
    model::Mention,
    text::fold,
};

impl Sim {
    /// An input as it reaches the desk; `None` for a post that concerns nobody.
    pub(super) fn sift(&mut self, input: Input) -> Result<Option<Input>, Broken> {
        let Input::Mention(mut mention) = input else { return Ok(Some(input)) };
        let now = self.clock();
        let met = self.keywords.hits(&mention.post);
        let units = met.iter().map(|hit| hit.unit.as_str()).collect();
        if self.keywords.concerned(&mention.post) != units {
            let what = format!("{}: met {units:?}", mention.post.key);
            return Err(Broken { invariant: "every keyword in force is met", at: now, what });
        }
        // One that comes again was tried by the lists of its first time.
        mention.hits.retain(|hit| hit.file.is_empty());
        let young = mention.hits.is_empty() && self.keywords.all_young(&met, now);
        mention.hits.extend(met);
        mention.first_round |= young;
        if mention.hits.is_empty() && !self.relates(&mention) {
            self.watch.passed_over(&mention, now)?;
            return Ok(None);
        }
        Ok(Some(Input::Mention(mention)))
    }

    fn relates(&mut self, mention: &Mention) -> bool {
        let Some(process) = &mut self.process else { return false };
        let folded = fold(&mention.post.own_text()).text;
        process.desk.publish().relates(&mention.post, &folded)
    }

    /// Somebody saves a keyword file; one that cannot be read is told, and the last good one stays.
    pub(super) fn edit_keywords(&mut self) -> Result<(), Broken> {
        self.fault("keyword reload");
        let now = self.clock();
        let good = self.keywords.edit(&mut self.dice.apart(), now).map_err(|what| failed(now, what))?;
        if good != self.unreadable {
            return Ok(());
        }
        self.unreadable = !good;
        let subject = "file/keywords/词.txt".to_owned();
        let operations = Operations { subject, broken: !good, text: "第 2 行看不懂".to_owned() };
        self.put(self.now, super::Happening::Given { input: Input::Operations(operations), story: None });
        Ok(())
    }
}
