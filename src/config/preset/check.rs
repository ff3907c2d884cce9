//! From what a preset file says to what can be used: every selector, path, expression, span and name is
//! tried here, and every fault is collected with its place.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, tz::TimeZone};
use regex::Regex;
use scraper::Selector;
use serde_json_path::JsonPath;
use toml::Spanned;

use super::{
    ApiReader, Detail, Fields, JsonPick, Observe, PagePick, PageReader, Preset, Reader, Sign, Yields,
    parse_span,
    wire::{
        ApiList, Common, DetailTable, FieldsTable, JsonPickTable, ObserveTable, PageList, PagePickTable,
        SignTable,
    },
};
use crate::{config::place::Fault, text::Twins};

/// Longest round of pages that a preset may ask for.
const MOST_PAGES: u32 = 50;

pub(super) struct Checker<'a> {
    file: &'a Path,
    text: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Checker<'a> {
    pub fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, faults: Vec::new() }
    }

    fn fault(&mut self, span: std::ops::Range<usize>, message: String, hint: &str) {
        self.faults.push(Fault::at(self.file, self.text, span, message, Some(hint.to_owned())));
    }

    pub fn site(&mut self, written: Option<Spanned<String>>) -> Option<String> {
        let written = written?;
        if written.get_ref().trim().is_empty() {
            self.fault(
                written.span(),
                "site 是空的".into(),
                "写站点的标识，或删去这一行（按链接的域名识别）",
            );
            return None;
        }
        Some(written.into_inner())
    }

    pub fn zone(&mut self, written: Option<&Spanned<String>>) -> TimeZone {
        let name = written.map_or("Asia/Shanghai", |zone| zone.get_ref().as_str());
        TimeZone::get(name).unwrap_or_else(|_| {
            if let Some(zone) = written {
                self.fault(zone.span(), format!("没有时区 {name}"), "写成 \"Asia/Shanghai\" 这样的名称");
            }
            TimeZone::UTC
        })
    }

    pub fn encoding(&mut self, written: Option<Spanned<String>>) -> Option<String> {
        let written = written?;
        if encoding_rs::Encoding::for_label(written.get_ref().as_bytes()).is_none() {
            self.fault(
                written.span(),
                format!("没有字符编码 {}", written.get_ref()),
                "常用的是 \"utf-8\"、\"gbk\"、\"big5\"；不写则自动识别",
            );
            return None;
        }
        Some(written.into_inner())
    }

    pub fn urls(&mut self, written: Vec<Spanned<String>>) -> Vec<String> {
        written.into_iter().map(|url| self.template(url)).collect()
    }

    /// An address template: braces in pairs, and a scheme or `{base}` in front.
    fn template(&mut self, written: Spanned<String>) -> String {
        let text = written.get_ref();
        let starts_well =
            ["http://", "https://", "{base}", "{url}"].iter().any(|head| text.starts_with(head));
        if !starts_well || text.matches('{').count() != text.matches('}').count() {
            self.fault(
                written.span(),
                "不是网址模板".into(),
                "以 https://、http:// 或 {base} 开头，花括号成对，如 \"{base}/forum-{fid}-1.html\"",
            );
        }
        written.into_inner()
    }

    pub fn pages(&mut self, written: Option<Spanned<u32>>) -> u32 {
        let Some(pages) = written else { return 1 };
        if !(1..=MOST_PAGES).contains(pages.get_ref()) {
            self.fault(pages.span(), "页数不对".into(), "写 1 到 50 之间的整数");
        }
        pages.into_inner()
    }

    pub fn span(&mut self, written: Option<Spanned<String>>) -> Option<SignedDuration> {
        let written = written?;
        let span = parse_span(written.get_ref());
        if span.is_none() {
            self.fault(
                written.span(),
                format!("看不懂的时长 {}", written.get_ref()),
                "写成 \"5min\"、\"90s\"、\"2h\" 或 \"5分钟\"",
            );
        }
        span
    }

    pub fn yields(&mut self, written: Vec<Spanned<String>>) -> Yields {
        let mut yields = Yields::default();
        for name in written {
            match name.get_ref().as_str() {
                "views" => yields.views = true,
                "reposts" => yields.reposts = true,
                "comments" => yields.comments = true,
                "likes" => yields.likes = true,
                other => {
                    let message = format!("没有计数 {other}");
                    self.fault(name.span(), message, "可以写 views、reposts、comments、likes");
                }
            }
        }
        yields
    }

    pub fn detail(&mut self, table: Option<DetailTable>) -> Option<Detail> {
        let table = table?;
        Some(Detail {
            preset: table.preset,
            url: table.url.map(|url| self.template(url)),
            at_most: table.at_most.unwrap_or(10),
        })
    }

    pub fn observe(&mut self, table: Option<ObserveTable>) -> Option<Observe> {
        let table = table?;
        Some(Observe {
            preset: table.preset,
            url: table.url.map(|url| self.template(url)),
            interval: self.span(table.interval).unwrap_or(SignedDuration::from_mins(5)),
        })
    }

    pub fn signs(&mut self, written: Vec<Spanned<SignTable>>) -> Vec<Sign> {
        let mut signs = Vec::new();
        for sign in written {
            let span = sign.span();
            let table = sign.into_inner();
            let empty_text = table.text.as_ref().is_some_and(|text| text.trim().is_empty());
            if empty_text
                || (table.text.is_none()
                    && table.url.is_none()
                    && table.css.is_none()
                    && table.path.is_none())
            {
                self.fault(span, "没有写凭什么识别".into(), "写 text、url、css 或 path 中的一个");
                continue;
            }
            signs.push(Sign {
                text: table.text,
                url: table.url,
                css: table.css.and_then(|css| self.selector(&css)),
                contains: table.contains,
                path: table.path.and_then(|path| self.path(&path)),
                equals: table.equals,
                reason: table.reason,
            });
        }
        signs
    }

    fn selector(&mut self, written: &Spanned<String>) -> Option<Selector> {
        Selector::parse(written.get_ref())
            .map_err(|error| {
                let message = format!("不是 CSS 选择器: {error}");
                self.fault(written.span(), message, "例: \"td.num em\"、\"tbody[id^=normalthread_]\"");
            })
            .ok()
    }

    fn path(&mut self, written: &Spanned<String>) -> Option<JsonPath> {
        JsonPath::parse(written.get_ref())
            .map_err(|error| {
                let message = format!("不是 JSONPath: {error}");
                self.fault(written.span(), message, "例: \"$.data.cards[*].mblog\"");
            })
            .ok()
    }

    fn regex(&mut self, written: Option<&Spanned<String>>) -> Option<Regex> {
        let written = written?;
        Regex::new(written.get_ref())
            .map_err(|_| {
                let message = format!("不是正则表达式: {}", written.get_ref());
                self.fault(written.span(), message, "例: \"([0-9]+)\"；TOML 里用单引号可以少写反斜杠");
            })
            .ok()
    }

    /// Patterns for bytes that nobody has decoded yet.
    pub(super) fn patterns(&mut self, written: &[Spanned<String>]) -> Vec<regex::bytes::Regex> {
        let mut all = Vec::new();
        for pattern in written {
            // Read as any other pattern first, so that the fault is told in the same words.
            if self.regex(Some(pattern)).is_none() {
                continue;
            }
            match regex::bytes::RegexBuilder::new(pattern.get_ref()).unicode(false).build() {
                Ok(pattern) => all.push(pattern),
                Err(_) => self.fault(
                    pattern.span(),
                    "ignore_changes 按字节比较，方括号里不能有汉字".into(),
                    "汉字直接写在方括号外面，或用 .+? 代替",
                ),
            }
        }
        all
    }

    fn page_picks(&mut self, written: Vec<PagePickTable>) -> Vec<PagePick> {
        written
            .into_iter()
            .map(|pick| PagePick {
                css: pick.css.and_then(|css| self.selector(&css)),
                attr: pick.attr,
                regex: self.regex(pick.regex.as_ref()),
                base62: pick.base62,
            })
            .collect()
    }

    fn json_picks(&mut self, written: Vec<JsonPickTable>) -> Vec<JsonPick> {
        written
            .into_iter()
            .filter_map(|pick| {
                let regex = self.regex(pick.regex.as_ref());
                Some(JsonPick {
                    path: self.path(&pick.path)?,
                    regex,
                    html: pick.html,
                    prefix: pick.prefix,
                    base62: pick.base62,
                })
            })
            .collect()
    }

    pub fn page(&mut self, list: PageList) -> Option<Reader> {
        let item = self.selector(&list.item);
        let next = self.page_picks(list.next);
        let volatile = list.volatile.iter().filter_map(|css| self.selector(css)).collect();
        let fields = self.fields(list.fields, Self::page_picks);
        let required = self.required(list.required, &fields);
        let (main_text, any_shape, in_comments) = (list.main_text, list.any_shape, list.in_comments);
        Some(Reader::Page(Arc::new(PageReader {
            item: item?,
            next,
            fields,
            volatile,
            required,
            main_text,
            any_shape,
            in_comments,
        })))
    }

    /// Names of fields that the preset reads.
    fn required(&mut self, written: Vec<Spanned<String>>, fields: &Fields<PagePick>) -> Vec<String> {
        let mut required = Vec::new();
        for name in written {
            let known =
                fields.named().into_iter().any(|(field, ways)| field == name.get_ref() && !ways.is_empty());
            if known {
                required.push(name.into_inner());
            } else {
                let message = format!("没有读取 {} 这个字段", name.get_ref());
                self.fault(
                    name.span(),
                    message,
                    "写 [list.fields] 里有的字段，如 required = [\"published\"]",
                );
            }
        }
        required
    }

    pub fn twins(&mut self, written: &[Spanned<String>]) -> Twins {
        let mut twins = Twins::default();
        for pair in written {
            match Twins::pair(pair.get_ref()) {
                Some((from, to)) => twins.add(&from, &to),
                None => {
                    let message = format!("看不懂 {}", pair.get_ref());
                    self.fault(pair.span(), message, "写成 twins = [\"m.example.cn = www.example.com\"]");
                }
            }
        }
        twins
    }

    pub fn api(&mut self, list: ApiList) -> Option<Reader> {
        let items = list.items.iter().filter_map(|path| self.path(path)).collect();
        let next = self.json_picks(list.next);
        let repost = list.repost.and_then(|path| self.path(&path));
        let fields = self.fields(list.fields, Self::json_picks);
        Some(Reader::Api(Arc::new(ApiReader { items, next, fields, repost })))
    }

    fn fields<W, P>(
        &mut self,
        table: FieldsTable<W>,
        mut picks: impl FnMut(&mut Self, Vec<W>) -> Vec<P>,
    ) -> Fields<P> {
        Fields {
            id: picks(self, table.id),
            title: picks(self, table.title),
            text: picks(self, table.text),
            quoted: picks(self, table.quoted),
            url: picks(self, table.url),
            published: picks(self, table.published),
            views: picks(self, table.views),
            reposts: picks(self, table.reposts),
            comments: picks(self, table.comments),
            likes: picks(self, table.likes),
            repost_id: picks(self, table.repost_id),
            repost_url: picks(self, table.repost_url),
            url_template: table.url_template.map(|url| self.template(url)),
        }
    }

    pub fn finish(
        mut self,
        name: &str,
        common: Common,
        reader: Option<Reader>,
    ) -> Result<Preset, Vec<Fault>> {
        match reader {
            Some(reader) if self.faults.is_empty() => Ok(Preset {
                name: name.to_owned(),
                title: common.title,
                proof: common.proof,
                timeline: common.timeline,
                credential: common.credential,
                needs_credential: common.needs_credential,
                saturates_at: common.saturates_at,
                site: common.site,
                domains: common.domains,
                sites: Arc::default(),
                site_kind: common.site_kind,
                zone: common.zone,
                encoding: common.encoding,
                keyword_encoding: common.keyword_encoding,
                base: common.base,
                urls: common.urls,
                pages: common.pages,
                interval: common.interval.unwrap_or(SignedDuration::from_mins(5)),
                yields: common.yields,
                zero_is_unknown: common.zero_is_unknown,
                comments_count_post: common.comments_count_post,
                counts_own_fetch: common.counts_own_fetch,
                twins: std::sync::Arc::new(common.twins),
                detail: common.detail,
                observe: common.observe,
                known_by: common.known_by.into(),
                not_data: common.not_data.into(),
                empty_ok: common.empty_ok.into(),
                ignore_changes: common.ignore_changes.into(),
                reader,
            }),
            _ => {
                self.faults.sort_by_key(|fault| (fault.line, fault.column));
                Err(self.faults)
            }
        }
    }
}
