//! Kinds of content (SEMANTICS 17): the machine proposes inquiry, demand or suggestion; what else there is, a
//! named person decides with a reason.

use super::scene::*;
use yuqing::{
    desk::{Input, Refused},
    locale::{Locale, words},
    model::*,
};

const OTHER: &str =
    "青川县人民医院的急诊室昨晚排了很长的队，有病人在椅子上等到凌晨才见到医生，情况令人担忧。";

fn kinds(scene: &Scene, id: u64) -> Kinds {
    scene.incident(id).kinds
}

fn hit(surface: &str, part: HitPart, certainty: Certainty, kind: Option<ContentKind>) -> Hit {
    let Input::Mention(mention) = Input::Mention(Box::new(look("09:00", "a", SiteKind::Forum, "1", TEXT).0))
    else {
        unreachable!()
    };
    Hit { surface: surface.to_owned(), part, certainty, kind, ..mention.hits[0].clone() }
}

#[test]
fn the_most_specific_sure_hit_proposes() {
    use Certainty::{Exact, Gap, Homophone};
    use ContentKind::{Demand, Inquiry, Suggestion};
    use HitPart::{Own, Quoted};
    let of = |hits: &[Hit]| proposed(hits);
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[hit("排队", Own, Exact, None)]), None);
    let short = hit("排队", Own, Exact, Some(Inquiry));
    let long = hit("排队三小时", Own, Gap, Some(Demand));
    assert_eq!(of(&[short.clone(), long]), Some(Demand), "the longer words");
    let quoted = hit("建议增加窗口和人手", Quoted, Exact, Some(Suggestion));
    assert_eq!(of(&[quoted.clone(), short.clone()]), Some(Inquiry), "own text before what it quotes");
    assert_eq!(of(&[quoted]), Some(Suggestion));
    let sounds = hit("排对三小时", Own, Homophone, Some(Demand));
    assert_eq!(of(std::slice::from_ref(&sounds)), None, "a homophone proposes nothing");
    assert_eq!(of(&[sounds, short]), Some(Inquiry));
}

#[test]
fn the_earliest_member_that_says_so_decides_and_mails_say_it() {
    let mut scene = Scene::new();
    let first = look("09:00", "weibo.example", SiteKind::Microblog, "1", TEXT).published(at("08:30"));
    scene.see(first.reposts(20));
    assert_eq!(kinds(&scene, 1).proposed, None);
    let copy = |id, kind| {
        look("09:05", "b.example", SiteKind::Forum, id, TEXT).published(at("08:40")).views(1).proposing(kind)
    };
    scene.see(copy("2", ContentKind::Demand));
    assert_eq!(kinds(&scene, 1).proposed, Some(ContentKind::Demand));
    scene.see(copy("3", ContentKind::Inquiry));
    assert_eq!(kinds(&scene, 1).proposed, Some(ContentKind::Demand), "it stands");
    let again = look("09:10", "weibo.example", SiteKind::Microblog, "1", TEXT).published(at("08:30"));
    scene.see(again.reposts(400));
    let notice = scene.stored().notices.into_iter().find(|notice| notice.kind == NoticeKind::Alert).unwrap();
    assert_eq!(notice.facts.kinds.proposed, Some(ContentKind::Demand));
    assert_eq!(words::kind_line(&notice.facts.kinds, Locale::ZhCn), "诉求（系统建议）");
}

fn decide(kind: Kind, by: &str, reason: &str) -> Act {
    Act::SetKind { incident: IncidentId(1), kind, by: by.into(), reason: reason.into() }
}

#[test]
fn a_named_person_sets_any_kind_with_a_reason_and_it_outlives_later_guesses() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(1));
    let rank = scene.incident(1).rank;
    scene.act(at("09:10"), decide(Kind::Fabrication, "张主任", "当晚急诊记录显示没有排队"));
    let later = look("09:20", "b.example", SiteKind::Forum, "2", TEXT).published(at("09:00")).views(1);
    scene.see(later.proposing(ContentKind::Demand));
    let found = kinds(&scene, 1);
    assert_eq!((found.kind(), found.proposed), (Some(Kind::Fabrication), Some(ContentKind::Demand)));
    assert_eq!(scene.incident(1).rank, rank, "no tier hangs on it");
    assert_eq!(words::kind_line(&found, Locale::ZhCn), "虚假信息（张主任认定）");
    let decided = found.decided.unwrap();
    assert_eq!((decided.by.as_str(), decided.at), ("张主任", at("09:10")));
    assert_eq!(scene.restarted(at("09:30")).incident(1).kinds, kinds(&scene, 1), "it is in the rows");
}

#[test]
fn an_act_without_reason_or_name_is_refused_and_one_with_both_is_in_the_audit() {
    let mut scene = Scene::new();
    let desk = &mut scene.desk;
    let seen = look("09:00", "a.example", SiteKind::Forum, "1", TEXT).proposing(ContentKind::Inquiry);
    desk.take(&Input::Mention(Box::new(seen.0)), at("09:00")).unwrap();
    let mut act = |act| desk.take(&Input::Act(act), at("09:10"));
    assert_eq!(act(decide(Kind::Hostile, "张主任", " ")), Err(Refused("请写明理由".into())));
    assert_eq!(act(decide(Kind::Hostile, " ", "水军")), Err(Refused("请写明决定人".into())));
    let changes = act(decide(Kind::Hostile, "张主任", "同一账号群发")).unwrap();
    let entry = changes.iter().find_map(|change| match change {
        yuqing::desk::Change::Entry(entry) => Some(entry),
        _ => None,
    });
    let entry = entry.expect("it is audited");
    assert_eq!((entry.kind.as_str(), entry.by.as_deref()), ("kind", Some("张主任")));
    assert_eq!(entry.text, "咨询 → 恶意攻击，理由：同一账号群发");
}

#[test]
fn a_merge_keeps_the_decision_and_a_split_proposes_from_its_own_posts() {
    let mut scene = Scene::new();
    let demand = look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(7);
    scene.see(demand.proposing(ContentKind::Demand));
    let inquiry = look("09:05", "b.example", SiteKind::Forum, "2", OTHER).published(at("08:40")).views(6);
    scene.see(inquiry.proposing(ContentKind::Inquiry));
    assert_eq!(kinds(&scene, 2).proposed, Some(ContentKind::Inquiry));
    let younger = Act::SetKind {
        incident: IncidentId(2),
        kind: Kind::Suggestion,
        by: "李四".into(),
        reason: "末尾提了建议".into(),
    };
    scene.act(at("09:06"), younger);
    let (by, reason) = ("值班员".to_owned(), "同一件事".to_owned());
    let merge = Act::Merge { incident: IncidentId(2), other: IncidentId(1), by, reason };
    scene.act(at("09:10"), merge);
    let merged = kinds(&scene, 1);
    assert_eq!((merged.kind(), merged.proposed), (Some(Kind::Suggestion), Some(ContentKind::Demand)));
    let post = PostKey { site: "b.example".into(), id: "2".into() };
    let (by, reason) = ("值班员".to_owned(), "不是一件事".to_owned());
    scene.act(at("09:20"), Act::Split { post, incident: None, by, reason });
    assert_eq!(kinds(&scene, 3), Kinds { proposed: Some(ContentKind::Inquiry), decided: None });
}
