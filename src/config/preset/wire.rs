//! The shape of a preset file. `kind` is read first and then the kind's own struct, because a tagged
//! enum would lose the place of every fault.

use std::path::Path;

use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

use super::{Preset, check::Checker};
use crate::{
    config::place::{self, Fault},
    model::SiteKind,
};

#[derive(Deserialize)]
struct Kind {
    kind: Spanned<String>,
}

/// The keys that all kinds share are repeated in each: `flatten` would lose the places.
macro_rules! preset_file {
    ($name:ident { $($own:tt)* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            #[serde(rename = "kind")]
            _kind: IgnoredAny,
            pub title: String,
            // Every shipped preset says it; an office's own that does not is as good as documented.
            #[serde(default)]
            pub proof: super::Proof,
            #[serde(default)]
            pub timeline: bool,
            pub credential: Option<String>,
            #[serde(default)]
            pub needs_credential: bool,
            pub saturates_at: Option<u64>,
            pub site: Option<Spanned<String>>,
            #[serde(default)]
            pub domains: Vec<String>,
            pub site_kind: SiteKind,
            pub zone: Option<Spanned<String>>,
            pub encoding: Option<Spanned<String>>,
            pub keyword_encoding: Option<Spanned<String>>,
            pub base: Option<Spanned<String>>,
            #[serde(default)]
            pub urls: Vec<Spanned<String>>,
            pub pages: Option<Spanned<u32>>,
            pub interval: Option<Spanned<String>>,
            #[serde(default)]
            pub yields: Vec<Spanned<String>>,
            #[serde(default)]
            pub zero_is_unknown: Vec<Spanned<String>>,
            #[serde(default)]
            pub comments_count_post: bool,
            #[serde(default)]
            pub counts_own_fetch: bool,
            #[serde(default)]
            pub twins: Vec<Spanned<String>>,
            pub detail: Option<DetailTable>,
            pub observe: Option<ObserveTable>,
            #[serde(default)]
            pub known_by: Vec<Spanned<SignTable>>,
            #[serde(default)]
            pub not_data: Vec<Spanned<SignTable>>,
            #[serde(default)]
            pub empty_ok: Vec<Spanned<SignTable>>,
            #[serde(default)]
            pub ignore_changes: Vec<Spanned<String>>,
            $($own)*
        }

        impl $name {
            fn common(&mut self, check: &mut Checker<'_>) -> Common {
                Common {
                    title: std::mem::take(&mut self.title),
                    proof: self.proof,
                    timeline: self.timeline,
                    credential: self.credential.take(),
                    needs_credential: self.needs_credential,
                    saturates_at: self.saturates_at,
                    site: check.site(self.site.take()),
                    domains: std::mem::take(&mut self.domains),
                    site_kind: self.site_kind,
                    zone: check.zone(self.zone.as_ref()),
                    encoding: check.encoding(self.encoding.take()),
                    keyword_encoding: check
                        .encoding(self.keyword_encoding.take())
                        .unwrap_or_else(|| "utf-8".to_owned()),
                    base: self.base.take().map(|base| base.into_inner().trim_end_matches('/').to_owned()),
                    urls: check.urls(std::mem::take(&mut self.urls)),
                    pages: check.pages(self.pages.take()),
                    interval: check.span(self.interval.take()),
                    yields: check.yields(std::mem::take(&mut self.yields)),
                    zero_is_unknown: check.yields(std::mem::take(&mut self.zero_is_unknown)),
                    comments_count_post: self.comments_count_post,
                    counts_own_fetch: self.counts_own_fetch,
                    twins: check.twins(&self.twins),
                    detail: check.detail(self.detail.take()),
                    observe: check.observe(self.observe.take()),
                    known_by: check.signs(std::mem::take(&mut self.known_by)),
                    not_data: check.signs(std::mem::take(&mut self.not_data)),
                    empty_ok: check.signs(std::mem::take(&mut self.empty_ok)),
                    ignore_changes: check.patterns(&self.ignore_changes),
                }
            }
        }
    };
}

preset_file!(FeedFile {});
preset_file!(PageFile { list: PageList });
preset_file!(ApiFile { list: ApiList });

/// What all kinds share, checked.
pub(super) struct Common {
    pub title: String,
    pub proof: super::Proof,
    pub timeline: bool,
    pub credential: Option<String>,
    pub needs_credential: bool,
    pub saturates_at: Option<u64>,
    pub site: Option<String>,
    pub domains: Vec<String>,
    pub site_kind: SiteKind,
    pub zone: jiff::tz::TimeZone,
    pub encoding: Option<String>,
    pub keyword_encoding: String,
    pub base: Option<String>,
    pub urls: Vec<String>,
    pub pages: u32,
    pub interval: Option<jiff::SignedDuration>,
    pub yields: super::Yields,
    pub zero_is_unknown: super::Yields,
    pub comments_count_post: bool,
    pub counts_own_fetch: bool,
    pub twins: crate::text::Twins,
    pub detail: Option<super::Detail>,
    pub observe: Option<super::Observe>,
    pub known_by: Vec<super::Sign>,
    pub not_data: Vec<super::Sign>,
    pub empty_ok: Vec<super::Sign>,
    pub ignore_changes: Vec<regex::bytes::Regex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailTable {
    pub preset: String,
    pub url: Option<Spanned<String>>,
    pub at_most: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObserveTable {
    pub preset: String,
    pub url: Option<Spanned<String>>,
    pub interval: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignTable {
    pub text: Option<String>,
    pub url: Option<String>,
    pub css: Option<Spanned<String>>,
    pub contains: Option<String>,
    pub path: Option<Spanned<String>>,
    pub equals: Option<String>,
    #[serde(default)]
    pub reason: super::BlockReason,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageList {
    pub item: Spanned<String>,
    #[serde(default)]
    pub next: Vec<PagePickTable>,
    #[serde(default)]
    pub volatile: Vec<Spanned<String>>,
    #[serde(default)]
    pub required: Vec<Spanned<String>>,
    #[serde(default)]
    pub main_text: bool,
    #[serde(default)]
    pub any_shape: bool,
    #[serde(default)]
    pub in_comments: bool,
    pub fields: FieldsTable<PagePickTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiList {
    pub items: Vec<Spanned<String>>,
    #[serde(default)]
    pub next: Vec<JsonPickTable>,
    pub repost: Option<Spanned<String>>,
    pub fields: FieldsTable<JsonPickTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PagePickTable {
    pub css: Option<Spanned<String>>,
    pub attr: Option<String>,
    pub regex: Option<Spanned<String>>,
    #[serde(default)]
    pub base62: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsonPickTable {
    pub path: Spanned<String>,
    pub regex: Option<Spanned<String>>,
    #[serde(default)]
    pub html: bool,
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub base62: bool,
}

/// A field is a list of ways, or absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "P: Deserialize<'de>"))]
pub(super) struct FieldsTable<P> {
    #[serde(default = "Vec::new")]
    pub id: Vec<P>,
    #[serde(default = "Vec::new")]
    pub title: Vec<P>,
    #[serde(default = "Vec::new")]
    pub text: Vec<P>,
    #[serde(default = "Vec::new")]
    pub quoted: Vec<P>,
    #[serde(default = "Vec::new")]
    pub url: Vec<P>,
    #[serde(default = "Vec::new")]
    pub published: Vec<P>,
    #[serde(default = "Vec::new")]
    pub views: Vec<P>,
    #[serde(default = "Vec::new")]
    pub reposts: Vec<P>,
    #[serde(default = "Vec::new")]
    pub comments: Vec<P>,
    #[serde(default = "Vec::new")]
    pub likes: Vec<P>,
    #[serde(default = "Vec::new")]
    pub repost_id: Vec<P>,
    #[serde(default = "Vec::new")]
    pub repost_url: Vec<P>,
    pub url_template: Option<Spanned<String>>,
}

/// Reads and checks a preset.
pub(super) fn parse(file: &Path, name: &str, text: &str) -> Result<Preset, Vec<Fault>> {
    let kind: Kind = place::parse(file, text).map_err(|fault| vec![fault])?;
    let mut check = Checker::new(file, text);
    let one = |fault: Fault| vec![fault];
    let (common, reader) = match kind.kind.get_ref().as_str() {
        "feed" => {
            let mut wire: FeedFile = place::parse(file, text).map_err(one)?;
            (wire.common(&mut check), Some(super::Reader::Feed))
        }
        "page" => {
            let mut wire: PageFile = place::parse(file, text).map_err(one)?;
            (wire.common(&mut check), check.page(wire.list))
        }
        "api" => {
            let mut wire: ApiFile = place::parse(file, text).map_err(one)?;
            (wire.common(&mut check), check.api(wire.list))
        }
        other => {
            return Err(vec![Fault::at(
                file,
                text,
                kind.kind.span(),
                format!("没有 {other} 这种预设"),
                Some("kind 写 \"feed\"、\"page\" 或 \"api\"".to_owned()),
            )]);
        }
    };
    check.finish(name, common, reader)
}
