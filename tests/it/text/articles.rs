//! One name for a piece that large sites show under several addresses.

use proptest::prelude::*;
use yuqing::text::article;

#[test]
fn the_addresses_of_one_piece_have_one_name() {
    let pieces: [&[&str]; 9] = [
        &[
            "https://www.bilibili.com/video/BV1xx411c7mD?p=2",
            "https://m.bilibili.com/video/BV1xx411c7mD/",
            "https://b23.tv/BV1xx411c7mD",
        ],
        &[
            "https://weibo.com/1642909335/z0JH2lOMb",
            "https://m.weibo.cn/status/3501756485200075",
            "https://m.weibo.cn/detail/3501756485200075",
            "https://weibo.com/1642909335/3501756485200075",
        ],
        &[
            "https://www.douyin.com/video/7301234567890123456",
            "https://www.iesdouyin.com/share/video/7301234567890123456/?region=CN",
            "https://www.douyin.com/user/self?modal_id=7301234567890123456",
        ],
        &[
            "https://www.toutiao.com/article/7301234567890123456/",
            "https://www.toutiao.com/a7301234567890123456/",
            "https://m.toutiao.com/i7301234567890123456/",
        ],
        &[
            "https://mp.weixin.qq.com/s?__biz=MzA3&mid=265&idx=1&sn=abc&chksm=1",
            "http://mp.weixin.qq.com/s?idx=1&mid=265&__biz=MzA3&scene=21",
        ],
        &["https://www.zhihu.com/question/1234567/answer/7654321", "https://www.zhihu.com/answer/7654321"],
        &["https://news.ifeng.com/c/8abcDEFghij", "https://i.ifeng.com/c/8abcDEFghij"],
        &["https://www.thepaper.cn/newsDetail_forward_25412345", "https://m.thepaper.cn/detail/25412345"],
        &["https://new.qq.com/rain/a/20261121A01234", "https://view.inews.qq.com/a/20261121A01234"],
    ];
    let mut names: Vec<String> = Vec::new();
    for piece in pieces {
        let name = article(piece[0]).unwrap();
        for address in piece {
            assert_eq!(article(address).as_ref(), Some(&name), "{address}");
        }
        names.push(name);
    }
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
}

#[test]
fn what_names_no_piece_has_no_name() {
    for link in [
        "https://weibo.com/u/1642909335",
        "https://weibo.com/1642909335",
        "https://weibo.com/1642909335/followers",
        "https://www.bilibili.com/",
        "https://b23.tv/abcdefg",
        "https://www.toutiao.com/hot-event/hot-board/",
        "https://www.toutiao.com/c/user/token/MS4w/",
        "https://mp.weixin.qq.com/s/AbCdEfGh",
        "https://www.zhihu.com/question/1234567",
        "https://new.qq.com/omn/author/8QMc3",
        "https://example.com/article/7301234567890123456",
        "not a link",
    ] {
        assert_eq!(article(link), None, "{link}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_address_breaks_it(host in "(weibo|bilibili|douyin|toutiao|zhihu|new\\.qq)\\.com", rest in "\\PC{0,40}") {
        let _ = article(&format!("https://{host}/{rest}"));
        let _ = article(&rest);
    }
}
