//! Cuts from a folded text what sites, their programs and their habits add to every post: links, hashtags, names
//! that are called, marks of reposting, sources, counters, signatures. Strangers share them and copies do not.
//!
//! One automaton finds where something to cut may begin; a small rule for each kind says where it ends, and may find
//! that there is nothing to cut.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

/// Stands in a cut text where somebody else's words begin.
pub(super) const QUOTE: char = '\u{2}';

/// What begins at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The words themselves, nothing more.
    Phrase,
    /// A link: to white space or the first character beyond ASCII.
    Link,
    /// A name that is called, with the colon after it.
    Name,
    /// The name before what somebody said: `//@name:`, `回复@name:`.
    Chain,
    /// `#topic#` or `#topic`.
    Topic,
    /// `[a face]`, never with figures.
    Face,
    /// A remark in round brackets: `(记者 …)`.
    Remark,
    /// `label:value`, at the beginning of a line or after a mark, with the time that follows it.
    Label,
    /// A counter: the word and a number.
    Counter,
    /// From here to the end of the line, if it is not long.
    Line,
    /// From here to the next white space or mark.
    Word,
    /// What comes before it is cut too, back to the last white space or mark: `l某某的微博视频`.
    Behind,
}

const PHRASES: &[&str] = &[
    "转发微博",
    "转发博文",
    "轉發微博",
    "o网页链接",
    "网页链接",
    "展开全文",
    "收起全文",
    "点击展开",
    "查看全文",
    "阅读全文",
    "查看图片",
    "查看原图",
    "查看更多",
    "显示地图",
    "显示原图",
    "分享图片",
    "分享视频",
    "分享单曲",
    "发布了头条文章:",
    "发表了头条文章:",
    "发布了微博",
    "发表了博文",
    "我发表了文章",
    "我分享了",
    "抱歉,此微博已被作者删除",
    "复制此链接,打开dou音搜索,直接观看视频!",
    "复制此链接,打开抖音搜索,直接观看视频",
    "复制打开抖音,看看",
    "复制打开抖音",
    "打开抖音",
    "直接观看视频",
    "长按复制此条消息",
    "打开小红书",
    "查看精彩内容",
    "快来一起看",
    "快来看看",
    "一起来看",
    "版权归原作者所有",
    "如有侵权请联系删除",
    "如有侵权,请联系删除",
    "如有侵权,请联系我们删除",
    "侵权请联系删除",
    "图片来源于网络",
    "图片来源网络",
    "图源网络",
    "转载请注明出处",
    "转载请注明来源",
    "未经授权不得转载",
    "未经授权,不得转载",
    "长按识别二维码",
    "点击上方蓝字关注我们",
    "点击蓝字关注我们",
    "点击上方蓝字",
    "欢迎关注",
    "点个在看",
    "点击阅读原文",
    "阅读原文",
    "返回搜狐,查看更多",
    "请点击",
    "原标题:",
    "视频:",
    "图片:",
    "附图:",
    "全文如下:",
    "本报讯",
    "据悉,",
];

/// After these somebody else's words begin; the word itself stays out of the comparison.
const CITATIONS: &[&str] =
    &["引用:", "引用", "原帖:", "原贴:", "原文:", "原微博:", "转自:", "转:", "[转]", "【转】", "(转)"];

const LABELS: &[&str] = &[
    "来源:",
    "稿源:",
    "文章来源:",
    "信息来源:",
    "消息来源:",
    "内容来源:",
    "作者:",
    "记者:",
    "通讯员:",
    "编辑:",
    "责编:",
    "责任编辑:",
    "值班编辑:",
    "校对:",
    "审核:",
    "监制:",
    "终审:",
    "初审:",
    "供稿:",
    "摄影:",
    "文字:",
    "发布时间:",
    "发布日期:",
    "发表时间:",
    "更新时间:",
    "发布单位:",
    "发布者:",
    "发布人:",
    "发帖人:",
    "楼主:",
    "字号:",
    "字体:",
    "分享到:",
    "标签:",
    "关键词:",
    "栏目:",
    "分类:",
    "发布于",
    "发表于",
    "编辑于",
    "来自:",
    "ip属地:",
    "文/",
    "图/",
];

const COUNTERS: &[&str] = &[
    "阅读",
    "阅读量",
    "阅读数",
    "浏览",
    "浏览量",
    "浏览次数",
    "点击",
    "点击量",
    "点击数",
    "点击次数",
    "转发",
    "评论",
    "点赞",
    "赞",
    "收藏",
    "播放",
    "播放量",
    "查看",
    "回复",
    "跟帖",
];

const LINES: &[&str] = &[
    "免责声明",
    "特别声明:",
    "版权声明",
    "声明:本文",
    "声明:该文",
    "声明:转载",
    "本文仅代表",
    "以上内容仅代表",
    "往期推荐",
    "推荐阅读",
    "相关阅读",
    "延伸阅读",
    "更多精彩",
    "欢迎提供新闻线索",
    "欢迎向本报",
    "欢迎向本台",
    "新闻热线:",
    "爆料热线:",
    "报料热线:",
    "爆料电话:",
];

const WORDS: &[&str] = &[
    "发自我的",
    "来自iphone",
    "来自android",
    "来自ipad",
    "来自华为",
    "来自小米",
    "来自荣耀",
    "来自oppo",
    "来自vivo",
    "来自微博",
    "来自新浪",
    "来自抖音",
    "来自快手",
    "来自今日头条",
    "来自网页",
    "via ",
];

const REMARKS: &[&str] = &[
    "(记者",
    "(本报",
    "(通讯员",
    "(见习",
    "(实习",
    "(特约",
    "(图/",
    "(文/",
    "(编辑",
    "(责编",
    "(责任编辑",
    "(来源",
    "(作者",
    "(总台",
    "(央视",
    "(新华社",
    "(图源",
    "(图片来",
    "(本文来",
    "(本文转",
    "(内容来",
    "(文章来",
    "(分享自",
    "(完)",
    "(供稿",
    "(摄影",
];

const BEHIND: &[&str] = &["的微博视频", "的秒拍视频", "的快手视频", "的抖音视频", "的微博投票", "的作品】"];

/// Longest remark, label's value, name, topic, in characters.
const REMARK: usize = 60;
const VALUE: usize = 20;
const NAME: usize = 16;
const TOPIC: usize = 40;
const LINE: usize = 400;

static CUTS: LazyLock<(AhoCorasick, Vec<Kind>)> = LazyLock::new(|| {
    let groups: [(&[&str], Kind); 13] = [
        (PHRASES, Kind::Phrase),
        (CITATIONS, Kind::Chain),
        (LABELS, Kind::Label),
        (COUNTERS, Kind::Counter),
        (LINES, Kind::Line),
        (WORDS, Kind::Word),
        (REMARKS, Kind::Remark),
        (BEHIND, Kind::Behind),
        (&["http://", "https://", "www.", "t.cn/", "v.douyin.com/"], Kind::Link),
        (&["@"], Kind::Name),
        (&["//@", "// @", "回复@", "回复 @", "@@"], Kind::Chain),
        (&["#"], Kind::Topic),
        (&["["], Kind::Face),
    ];
    let kinds = groups.iter().flat_map(|(words, kind)| words.iter().map(|_| *kind)).collect();
    let words = groups.iter().flat_map(|(words, _)| words.iter());
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words);
    #[expect(clippy::expect_used, reason = "fixed words, built by every test")]
    (automaton.expect("a few words"), kinds)
});

/// A text without what sites add.
pub(super) struct Stripped<'t> {
    /// What is left; [`QUOTE`] where somebody else's words begin.
    pub(super) text: Cow<'t, str>,
}

/// Cuts what sites add from a folded text.
pub(super) fn strip(folded: &str) -> Stripped<'_> {
    let (automaton, kinds) = &*CUTS;
    let mut out: Option<String> = None;
    // Up to where the text was copied or cut.
    let mut done = 0;
    let mut from = 0;
    while let Some(found) = automaton.find(Input::new(folded).range(from..)) {
        let kind = kinds.get(found.pattern().as_usize()).copied().unwrap_or(Kind::Phrase);
        let before = folded.get(..found.start()).unwrap_or_default();
        let after = folded.get(found.end()..).unwrap_or_default();
        let Some(length) = cut_length(kind, before, after) else {
            // What looked like a longer thing may begin inside it.
            let first = folded.get(found.start()..).and_then(|rest| rest.chars().next());
            from = found.start() + first.map_or(1, char::len_utf8);
            continue;
        };
        let out = out.get_or_insert_with(|| String::with_capacity(folded.len()));
        out.push_str(folded.get(done..found.start()).unwrap_or_default());
        match kind {
            Kind::Behind => cut_behind(out),
            Kind::Chain => out.push(QUOTE),
            _ => out.push(' '),
        }
        done = found.end() + length;
        from = done;
    }
    let mut text = match out {
        None => Cow::Borrowed(folded),
        Some(mut out) => {
            out.push_str(folded.get(done..).unwrap_or_default());
            Cow::Owned(out)
        }
    };
    let kept = without_tail(&text);
    if kept < text.len() {
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..kept).unwrap_or(text)),
            Cow::Owned(mut text) => {
                text.truncate(kept);
                Cow::Owned(text)
            }
        };
    }
    let headline = headline_length(&text);
    if headline > 0 {
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(headline..).unwrap_or(text)),
            Cow::Owned(text) => Cow::Owned(text.get(headline..).unwrap_or(&text).to_owned()),
        };
    }
    Stripped { text }
}

/// Longest headline in brackets, in bytes.
const HEADLINE: usize = 180;

/// Bytes of a headline `【…】` that only repeats how the text behind it begins; 0 when there is none.
fn headline_length(text: &str) -> usize {
    let from = text.len() - text.trim_start().len();
    let Some(inside) = text.trim_start().strip_prefix('【') else { return 0 };
    let Some(end) = inside.find('】').filter(|end| *end <= HEADLINE) else { return 0 };
    let (headline, rest) = inside.split_at(end);
    let headline = headline.trim().trim_end_matches(['…', '.']);
    let repeats = rest.strip_prefix('】').is_some_and(|rest| rest.trim_start().starts_with(headline));
    if repeats && headline.chars().count() >= 4 {
        from + '【'.len_utf8() + end + '】'.len_utf8()
    } else {
        0
    }
}

/// How much after the found words is cut with them, in bytes; `None` when nothing is to be cut.
fn cut_length(kind: Kind, before: &str, after: &str) -> Option<usize> {
    let last = before.chars().next_back();
    match kind {
        Kind::Phrase | Kind::Behind => Some(0),
        Kind::Link => Some(after.find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(after.len())),
        Kind::Name if last.is_some_and(|c| c.is_ascii_alphanumeric()) => None,
        Kind::Name => name_length(after),
        Kind::Chain => Some(name_length(after.trim_start_matches('@')).map_or(0, |length| {
            // Only a name with its colon is one; a citation is followed by the words themselves.
            let is_name =
                after.get(..length).is_some_and(|name| name.ends_with(':')) || after.starts_with('@');
            if is_name { length } else { 0 }
        })),
        Kind::Topic => topic_length(last, after),
        Kind::Face => {
            let end = bounded(after, 8).find(']')?;
            let inside = after.get(..end)?;
            (!inside.is_empty() && !inside.contains(|c: char| c.is_ascii_digit())).then_some(end + 1)
        }
        Kind::Remark => Some(bounded(after, REMARK).find(')')? + 1),
        Kind::Label if last.is_some_and(char::is_alphanumeric) => None,
        Kind::Label => Some(value_length(after)),
        Kind::Counter => counter_length(last, after),
        Kind::Line => {
            let line = after.find('\n').unwrap_or(after.len());
            (after.get(..line)?.chars().count() <= LINE).then_some(line)
        }
        Kind::Word => Some(
            bounded(after, VALUE).find(|c: char| !is_name(c)).unwrap_or_else(|| bounded(after, VALUE).len()),
        ),
    }
}

/// The first `most` characters.
fn bounded(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '·' | '.')
}

/// A called name and the colon after it. A longer run is no name but a sentence without a space.
fn name_length(after: &str) -> Option<usize> {
    let end = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
    let name = after.get(..end)?;
    let is_one = (1..=NAME).contains(&name.chars().count());
    is_one.then(|| end + usize::from(after.get(end..).is_some_and(|rest| rest.starts_with(':'))))
}

/// `#topic#` goes to its second mark, `#topic` to the next white space or mark. `3#楼` is no topic.
fn topic_length(last: Option<char>, after: &str) -> Option<usize> {
    if last.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let near = bounded(after, TOPIC);
    if let Some(end) = near.find(['#', '\n']) {
        let inside = near.get(..end)?;
        let closes = near.get(end..).is_some_and(|rest| rest.starts_with('#'));
        if closes && !inside.is_empty() && !inside.contains(char::is_whitespace) {
            return Some(end + 1);
        }
    }
    let end = near.find(|c: char| !is_name(c)).unwrap_or(near.len());
    (end > 0 && near.get(..end)?.chars().count() <= TOPIC / 2).then_some(end)
}

/// The value of a label, and a date or time that follows it.
fn value_length(after: &str) -> usize {
    let mut end = 0;
    let spaces = |text: &str| text.len() - text.trim_start_matches([' ', '\u{3000}']).len();
    end += spaces(after);
    let value = bounded(after.get(end..).unwrap_or_default(), VALUE);
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '。' | ',' | ';' | '!' | '?' | ')' | '】' | '|' | QUOTE);
    end += value.find(is_end).unwrap_or(value.len());
    loop {
        let rest = after.get(end..).unwrap_or_default();
        let skipped = spaces(rest);
        let word = rest.get(skipped..).unwrap_or_default();
        let length = word
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | ':' | '/' | '.')))
            .unwrap_or(word.len());
        if length < 4 {
            return end;
        }
        end += skipped + length;
    }
}

/// `阅读 1.2万`, `评论(3)`: never in the middle of a sentence.
fn counter_length(last: Option<char>, after: &str) -> Option<usize> {
    if last.is_some_and(char::is_alphanumeric) && !last.is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let number = after.trim_start_matches([' ', ':', '(']);
    let skipped = after.len() - number.len();
    let end = number
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '万' | 'w')))
        .unwrap_or(number.len());
    if end == 0
        || !number.starts_with(|c: char| c.is_ascii_digit())
        || number.get(end..)?.starts_with(char::is_alphabetic)
    {
        return None;
    }
    Some(skipped + end)
}

/// Cuts the last word of what was copied.
fn cut_behind(out: &mut String) {
    let tail: usize = out.chars().rev().take(24).take_while(|&c| is_name(c)).map(char::len_utf8).sum();
    out.truncate(out.len() - tail);
    out.push(' ');
}

/// Whether a folded text says at its end that it goes on elsewhere ("...全文").
pub(super) fn is_cut(folded: &str) -> bool {
    let mut text = folded.trim_end();
    // A site's program puts the link behind.
    while let Some((rest, link)) = text.rsplit_once(char::is_whitespace)
        && link.starts_with("http")
    {
        text = rest.trim_end();
    }
    let tail = text.get(without_tail(text)..).unwrap_or_default();
    ["..", "全文", "展开", "未完"].iter().any(|mark| tail.contains(mark))
}

/// Up to where a text goes without "...全文" and the like at its end.
fn without_tail(text: &str) -> usize {
    let mut kept = text;
    loop {
        kept = kept
            .trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '”' | '"' | '」' | '%' | QUOTE));
        let shorter = ["展开c", "展开", "全文", "收起", "未完", "查看"].iter().find_map(|word| {
            let rest = kept.strip_suffix(word)?;
            // Only after a mark: "看了全文" ends a sentence.
            rest.ends_with(|c: char| !c.is_alphanumeric()).then_some(rest)
        });
        match shorter {
            Some(rest) => kept = rest,
            None => return kept.len(),
        }
    }
}
