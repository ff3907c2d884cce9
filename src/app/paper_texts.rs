//! An office's own texts of papers that are wrong: the administrators are told once by file, and again when it is mended.
//! Meanwhile the shipped text stands in, so nothing else waits for it.

use std::collections::BTreeMap;

use tracing::warn;

use crate::{
    config::Office,
    desk::{Input, Operations},
    report::paper::texts::Texts,
    store::{Inbox, SharedStore, StoreError},
};

/// What was told to be wrong, by name, as JSON.
const TOLD: &str = "papers/told";

/// Tells what is wrong or was mended since; what was told is kept, so that a restart tells nothing twice.
pub(super) async fn tell(office: &Office, store: &SharedStore, inbox: &Inbox) -> Result<(), StoreError> {
    let locale = office.settings.locale;
    let (_, broken) = Texts::of(&office.papers);
    let wrong: BTreeMap<String, String> =
        broken.iter().map(|one| (one.name.clone(), one.words(locale))).collect();
    let kept = store.value(TOLD).await?.unwrap_or_default();
    let told: BTreeMap<String, String> = serde_json::from_str(&kept).unwrap_or_default();
    if wrong == told {
        return Ok(());
    }
    let of = |name: &str, broken, text| {
        Input::Operations(Operations { subject: format!("papers/{name}.txt"), broken, text })
    };
    let begun = wrong.iter().filter(|(name, text)| told.get(*name) != Some(text));
    let begun = begun.map(|(name, text)| of(name, true, text.clone()));
    let mended = told.keys().filter(|name| !wrong.contains_key(*name)).map(|name| {
        let words = locale.pick("材料模板已改好，或已删去", "the text of a paper is mended, or gone");
        of(name, false, format!("{words}: papers/{name}.txt"))
    });
    for input in begun.chain(mended) {
        if let Err(error) = inbox.put(input).await {
            warn!(%error, "the desk does not take what is wrong with a paper's text");
            return Ok(());
        }
    }
    store.set_value(TOLD, serde_json::to_string(&wrong).unwrap_or_default()).await
}
