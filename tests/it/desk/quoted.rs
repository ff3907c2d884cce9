//! Text that a post quotes says where the post belongs (SEMANTICS 11, 12): as a repost without a pointer, or as a
//! reaction when it refutes what it quotes.

use super::scene::*;
use yuqing::{desk::Change, model::*, text::fold};

const RUMOUR: &str =
    "听说青川县人民医院三楼昨天夜里塌了一大块，压住了好几个病人，消防车来了一长串，院里不让拍照。";

fn plain(id: &str, text: &str) -> Look {
    let mut post = look("09:00", &format!("{id}.example"), SiteKind::Forum, id, text).published(at("08:30"));
    post.0.hits = look("09:00", "s", SiteKind::Forum, "s", TEXT).0.hits;
    post
}

fn quoting(id: &str, own: &str, quoted: &str) -> Look {
    let mut post = plain(id, own);
    post.0.post.quoted = quoted.to_owned();
    post
}

/// Sees posts one after the other; with a restart after each if asked for.
fn seen(looks: &[&Look], restart: bool) -> Scene {
    let mut scene = Scene::new();
    for look in looks {
        scene.see((*look).clone());
        if restart {
            scene = scene.restarted(at("09:00"));
        }
    }
    scene
}

fn row(scene: &Scene, id: &str) -> PostRow {
    let row = scene.stored().posts.into_iter().find(|row| row.post.key.id == id);
    row.unwrap_or_else(|| panic!("{id} is no member"))
}

#[test]
fn a_quoting_post_and_what_it_quotes_are_one_statement_in_either_order() {
    let (original, repost) = (plain("a", RUMOUR), quoting("b", "有没有在现场的", RUMOUR));
    for restart in [false, true] {
        let scene = seen(&[&original, &repost], restart);
        let found = row(&scene, "b");
        assert_eq!(
            (found.incident, found.role, found.why.as_str()),
            (IncidentId(1), Role::Repost, "quoted text 1.00")
        );
        let said = scene.changes.iter().any(
            |change| matches!(change, Change::Entry(entry) if entry.text.contains("所引文字相近（1.00）")),
        );
        assert!(said, "in the office's words");

        let scene = seen(&[&repost, &original], restart);
        assert_eq!((row(&scene, "a").incident, row(&scene, "b").incident), (IncidentId(1), IncidentId(1)));
    }
}

#[test]
fn a_longer_quotation_does_not_hide_what_is_said_about_it() {
    let original = plain("a", RUMOUR);
    for own in ["这是谣言", "造谣的已经被警方处罚，大家不要信，我就住在旁边，楼好好的"]
    {
        let denial = quoting("b", own, RUMOUR);
        let scene = seen(&[&original, &denial], false);
        let found = row(&scene, "b");
        assert_eq!((found.incident, found.role), (IncidentId(1), Role::Reaction), "{own}");
        assert_eq!(scene.incident(1).heat.posts, 1, "it adds no heat");

        // Before its rumour it is a statement of its own, and what it quotes is not.
        let scene = seen(&[&denial, &original], true);
        assert_ne!(row(&scene, "a").incident, row(&scene, "b").incident, "{own}");
    }
    let official = quoting("c", "官方回应来了", &format!("网传“{RUMOUR}”不实，请勿传播。"));
    let scene = seen(&[&original, &official], false);
    assert_eq!(row(&scene, "c").role, Role::Reaction, "what it quotes is the refutation");
}

#[test]
fn its_own_text_comes_first_and_a_short_quotation_says_nothing() {
    let (a, b) = (plain("a", RUMOUR), plain("b", TEXT));
    let scene = seen(&[&a, &b, &quoting("c", TEXT, RUMOUR)], false);
    let found = row(&scene, "c");
    assert_eq!((found.incident, found.why.as_str()), (row(&scene, "b").incident, "equal text"));

    let short: String = RUMOUR.chars().take(34).collect();
    let scene = seen(&[&a, &quoting("c", "怎么回事啊", &short)], false);
    assert_eq!(row(&scene, "c").incident, IncidentId(2), "27 informative characters");
}

#[test]
fn a_post_that_met_no_rule_is_kept_for_what_it_quotes() {
    let mut scene = seen(&[&plain("a", RUMOUR)], false);
    let mut repost = quoting("b", "有没有在现场的", RUMOUR);
    repost.0.hits.clear();
    let mut stranger = quoting("c", "有没有在现场的", &"图书馆今天起延长开放到晚上十点".repeat(3));
    stranger.0.hits.clear();
    let relates = |scene: &Scene, look: &Look| {
        let post = &look.0.post;
        scene.desk.live_set().relates(post, &fold(&post.own_text()).text)
    };
    assert!(relates(&scene, &repost));
    assert!(!relates(&scene, &stranger));
    scene.see(repost.clone());
    scene.see(stranger);
    assert_eq!(scene.stored().posts.len(), 2);
    assert_eq!(row(&scene, "b").role, Role::Repost);

    // Found as well where it stands inside another post.
    let mut outer = plain("d", "看看这个").embedding(quoting("e", "有没有在现场的", RUMOUR));
    outer.0.hits.clear();
    scene.see(outer);
    assert_eq!((row(&scene, "d").incident, row(&scene, "e").incident), (IncidentId(1), IncidentId(1)));
}
