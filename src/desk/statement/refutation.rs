//! Words by which a text denies what others say.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Folded. Each denies a claim, not a thing: "虚假宣传" is a complaint, "虚假信息" a denial.
const WORDS: [&str; 43] = [
    "辟谣",
    "不实信息",
    "不实消息",
    "不实言论",
    "不实内容",
    "不实传言",
    "不实报道",
    "信息不实",
    "消息不实",
    "内容不实",
    "情况不实",
    "言论不实",
    "报道不实",
    "描述不实",
    "不实",
    "系谣言",
    "是谣言",
    "为谣言",
    "属谣言",
    "纯谣言",
    "系谣传",
    "谣传",
    "造谣",
    "谣言",
    "并非事实",
    "不是事实",
    "非事实",
    "不属实",
    "与事实不符",
    "与实际不符",
    "与事实严重不符",
    "虚假信息",
    "虚假消息",
    "虚假言论",
    "假消息",
    "假新闻",
    "假信息",
    "子虚乌有",
    "纯属虚构",
    "纯属捏造",
    "恶意编造",
    "无中生有",
    "查无此事",
];
/// Turn the words that follow them into their opposite, or into a question.
const DOUBTS: [&str; 9] = ["不是", "并非", "绝非", "不", "非", "难道", "是否", "到底是", "究竟是"];
/// Words that speak of rumours in general.
const AFTER: [&str; 6] = ["吗", "么", "?", "吧", "止于", "满天飞"];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "fixed words, built by every test")]
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(WORDS).expect("a few words")
});

/// The first word by which a folded text refutes something.
pub(super) fn word(folded: &str) -> Option<&'static str> {
    FINDER.find_iter(folded).find_map(|found| {
        let word = WORDS.get(found.pattern().as_usize()).copied()?;
        let before = folded.get(..found.start())?;
        let after = folded.get(found.end()..)?;
        let is_doubted = !word.starts_with('不') && DOUBTS.iter().any(|doubt| before.ends_with(doubt))
            || AFTER.iter().any(|word| after.starts_with(word));
        (!is_doubted).then_some(word)
    })
}
