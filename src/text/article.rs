//! One name for an article or a video, whatever address it is linked by: large sites show the same piece
//! under several hosts and paths, which no rule about hosts or parameters could tell
//! (`m.weibo.cn/status/5098…` and `weibo.com/1234/P3xK…` are one post).
//!
//! Only forms that name the piece itself are known here. A short link that hides it (`t.cn/A6…`) would have
//! to be opened; it is compared as it stands.

use url::Url;

/// The name of the piece that a link leads to, such as `bilibili/BV1xx411c7mD`; `None` for a site whose pieces
/// have one address each.
#[must_use]
pub fn article(link: &str) -> Option<String> {
    let url = Url::parse(link.trim()).ok()?;
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.");
    let path: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let query =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let (site, id) = match host {
        "bilibili.com" | "b23.tv" => ("bilibili", bilibili(&path)?),
        "weibo.com" | "weibo.cn" => ("weibo", weibo(&path)?),
        "douyin.com" | "iesdouyin.com" => ("douyin", douyin(&path).or_else(|| digits(&query("modal_id")?))?),
        "toutiao.com" | "toutiaocdn.com" => ("toutiao", toutiao(&path)?),
        "mp.weixin.qq.com" if path == ["s"] => {
            let (mid, idx) = (query("mid")?, query("idx").unwrap_or_else(|| "1".to_owned()));
            ("weixin", format!("{}/{mid}/{idx}", query("__biz")?))
        }
        "zhihu.com" => ("zhihu", after(&path, &["answer"])?),
        "xiaohongshu.com" => ("xiaohongshu", after(&path, &["explore", "item"])?),
        "kuaishou.com" | "gifshow.com" => ("kuaishou", after(&path, &["short-video", "photo"])?),
        "163.com" | "news.163.com" | "c.m.163.com" => ("163", after(&path, &["article", "a", "s"])?),
        "new.qq.com" | "news.qq.com" | "view.inews.qq.com" | "xw.qq.com" | "page.om.qq.com" => {
            ("qq", tencent(&path)?)
        }
        "thepaper.cn" => ("thepaper", thepaper(&path)?),
        _ if host == "ifeng.com" || host.ends_with(".ifeng.com") => ("ifeng", after(&path, &["c"])?),
        _ => return None,
    };
    (!id.is_empty()).then(|| format!("{site}/{id}"))
}

/// The part that follows one of `names`, without its ending.
fn after(path: &[&str], names: &[&str]) -> Option<String> {
    let at = path.iter().position(|part| names.contains(part))?;
    let id = path.get(at + 1)?.split('.').next()?;
    let is_id = id.len() >= 6 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    is_id.then(|| id.to_owned())
}

fn digits(text: &str) -> Option<String> {
    (text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

fn bilibili(path: &[&str]) -> Option<String> {
    let id = path.iter().find(|part| {
        let number = part.strip_prefix("av").or_else(|| part.strip_prefix("AV"));
        part.len() == 12 && part.starts_with("BV")
            || number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })?;
    Some(id.replace("AV", "av"))
}

fn douyin(path: &[&str]) -> Option<String> {
    let at = path.iter().position(|part| ["video", "note"].contains(part))?;
    digits(path.get(at + 1)?)
}

/// `/article/7…`, `/group/7…`, `/w/7…`, `/a7…`, `/i7…`.
fn toutiao(path: &[&str]) -> Option<String> {
    match path {
        ["article" | "group" | "w" | "video" | "i" | "a", id, ..] => digits(id),
        [one] | [one, ..] => digits(one.strip_prefix(['a', 'i'])?),
        [] => None,
    }
}

/// `/rain/a/20261121A0…`, `/omn/20261121/20261121A0….html`, `/a/20261121A0…`.
fn tencent(path: &[&str]) -> Option<String> {
    let id = path.last()?.split('.').next()?;
    let dated = id.len() >= 12 && id.chars().take(8).all(|c| c.is_ascii_digit());
    dated.then(|| id.to_ascii_uppercase())
}

/// `/newsDetail_forward_2…`, `/detail/2…`.
fn thepaper(path: &[&str]) -> Option<String> {
    match path {
        ["detail", id, ..] => digits(id),
        [one, ..] => digits(one.strip_prefix("newsDetail_forward_")?),
        [] => None,
    }
}

/// `/status/MID`, `/detail/MID`, `/UID/BID` or `/UID/MID`; a BID is the MID in base 62.
fn weibo(path: &[&str]) -> Option<String> {
    let id = match path {
        ["status" | "detail", id, ..] => id,
        [user, id] if !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit()) => id,
        _ => return None,
    };
    if id.bytes().all(|b| b.is_ascii_digit()) { digits(id) } else { weibo_number(id) }
}

/// The number that Weibo writes in base 62: from the right, four signs stand for seven digits.
fn weibo_number(id: &str) -> Option<String> {
    const SIGNS: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let signs: Vec<u64> =
        id.chars().map(|c| SIGNS.find(c).and_then(|at| u64::try_from(at).ok())).collect::<Option<_>>()?;
    // A word in this place ("follow") is a list, not a post.
    let mixed = id.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !mixed || !(8..=10).contains(&signs.len()) {
        return None;
    }
    let mut groups: Vec<String> = signs
        .rchunks(4)
        .map(|group| format!("{:07}", group.iter().fold(0, |sum, sign| sum * 62 + sign)))
        .collect();
    groups.reverse();
    digits(groups.concat().trim_start_matches('0'))
}
