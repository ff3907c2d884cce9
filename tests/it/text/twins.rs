//! Twin hosts: what pairs mean, and that rewriting twice changes nothing.

use proptest::prelude::*;
use yuqing::text::{Twins, canonical_link};

fn twins(pairs: &[&str]) -> Twins {
    let mut twins = Twins::default();
    for pair in pairs {
        let (from, to) = Twins::pair(pair).unwrap();
        twins.add(&from, &to);
    }
    twins
}

#[test]
fn a_link_takes_the_name_of_its_twin() {
    let twins = twins(&["bbs.example.cn = www.example.com", "3g.bbs.example.cn=bbs.example.cn"]);
    for (link, moved) in [
        ("https://bbs.example.cn/thread-1.html?page=2", "https://www.example.com/thread-1.html?page=2"),
        ("http://3g.bbs.example.cn:8080/a", "http://www.example.com:8080/a"),
        ("https://other.example.cn/a", "https://other.example.cn/a"),
        ("not a link", "not a link"),
    ] {
        assert_eq!(twins.link(link.into()), moved);
    }
    let same = |link: &str| twins.canonical(canonical_link(link).unwrap());
    assert_eq!(same("http://m.bbs.example.cn/thread-1.html"), same("https://www.example.com/thread-1.html"));
    assert_ne!(same("http://bbs.example.cn/thread-1.html"), same("https://www.example.com/thread-2.html"));
}

#[test]
fn what_is_not_a_pair() {
    for written in
        ["", "a.cn", "a.cn = ", "a.cn = a.cn", "a.cn = https://b.cn/", "localhost = a.cn", "1.2.3.4 = a.cn"]
    {
        assert_eq!(Twins::pair(written), None, "{written}");
    }
}

proptest! {
    #[test]
    fn twice_is_once(
        pairs in proptest::collection::vec(("(m[.]|www[.])?[abc][.](com|cn)", "(m[.]|www[.])?[abc][.](com|cn)"), 0..6),
        link in "https://(m[.]|www[.])?[abc][.](com|cn)/[a-c]{0,3}([?]b=1&a=2)?",
    ) {
        let mut twins = Twins::default();
        for (from, to) in &pairs {
            if from != to {
                twins.add(from, to);
            }
        }
        let once = twins.link(link.clone());
        prop_assert_eq!(twins.link(once.clone()), once);
        let once = twins.canonical(canonical_link(&link).unwrap());
        let again = twins.canonical(once.clone());
        prop_assert_eq!(&again, &once);
        prop_assert_eq!(canonical_link(&once), Some(once));
    }
}
