//! Other programs of the office, by the name that a contact gives.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::{Channel, ChannelError, Gateway, Knocking, Sending, Shut, Verdict};
use crate::{
    config::channels::WebhookSettings,
    dispatch::Texts,
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// All webhooks.
#[derive(Debug)]
pub struct Webhooks(BTreeMap<String, Gateway>);

impl Webhooks {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// Names the key that cannot be used.
    pub fn new(settings: impl IntoIterator<Item = WebhookSettings>) -> Result<Self, ChannelError> {
        let each = settings.into_iter().map(|one| Ok((one.name, Gateway::webhook(one.gateway, one.format)?)));
        each.collect::<Result<_, _>>().map(Self)
    }
}

impl Channel for Webhooks {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn knock<'a>(&'a self, _: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move {
            let each = self.0.iter().map(|(name, hook)| async move {
                let why = hook.knock_once(locale).await.err()?;
                Some(Shut::at(name.clone(), why))
            });
            join_all(each).await.into_iter().flatten().collect()
        })
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        match self.0.get(&notice.address) {
            Some(hook) => hook.send(notice, texts, now),
            // It may be there again after the next reload.
            None => Box::pin(async move {
                let words = texts.locale.pick("yuqing.toml 里没有这个 [[webhook]]", "no such [[webhook]]");
                Verdict::retry(format!("{words}: {}", notice.address))
            }),
        }
    }
}
