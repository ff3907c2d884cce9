//! Looks of an archived incident were thinned: every paper, drawing and figure says what it said before.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;
use yuqing::{
    desk::{Change, thin::Counters},
    locale::{Locale, When},
    model::{Count, IncidentId, IncidentState, NoticeState, ObservationRow, PostRow, Retention, SiteKind},
    report::{
        chart::{Chart, Figure},
        folder::{FolderRows, check::check, folder},
        paper::{PaperKind, case, docx, html, text, texts::Texts},
    },
    store::{IncidentView, SqliteStore, Store as _},
};

use crate::{
    console::rows::{Outside, ago, day, incident, now, post},
    desk::thinning::{looks, thinned},
};

fn when(now: Timestamp) -> When {
    When { now, locale: Locale::ZhCn, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn rows(post: &PostRow, looks: &[(i64, Counters)]) -> Vec<ObservationRow> {
    let row = |(minutes, [views, reposts, comments, likes]): &(i64, Counters)| ObservationRow {
        unit: post.unit.clone(),
        post: post.post.key.clone(),
        at: ago(3_600) + SignedDuration::from_mins(*minutes),
        views: *views,
        reposts: *reposts,
        comments: *comments,
        likes: *likes,
    };
    looks.iter().map(row).collect()
}

fn view(of: &[(PostRow, Vec<(i64, Counters)>)]) -> IncidentView {
    let mut observations: Vec<_> = of.iter().flat_map(|(post, looks)| rows(post, looks)).collect();
    observations.sort_by_key(|look| look.at);
    IncidentView {
        incident: incident(1, 3, &Outside::default()),
        posts: of.iter().map(|(post, _)| post.clone()).collect(),
        observations,
        deadlines: Vec::new(),
        notices: Vec::new(),
        entries: Vec::new(),
    }
}

/// Three members: whose age is known, whose is not, and one of backlog.
fn members() -> [PostRow; 3] {
    let outside = Outside::default();
    let known = post(1, "t1", SiteKind::Forum, &outside);
    let unknown = PostRow { published_at: None, ..post(1, "w1", SiteKind::Microblog, &outside) };
    let old = PostRow { backlog: true, ..post(1, "d1", SiteKind::Video, &outside) };
    [known, unknown, old]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_and_drawing_is_what_it_was(a in looks(), b in looks(), c in looks(), at in prop::collection::vec(-200..40_000_i64, 12), limits in prop::collection::vec(0..12_u64, 6)) {
        let whole: Vec<_> = members().into_iter().zip([a, b, c]).collect();
        let thin: Vec<_> = whole.iter().map(|(post, looks)| (post.clone(), thinned(looks))).collect();
        let (whole, thin) = (view(&whole), view(&thin));
        let when = when(now());
        prop_assert_eq!(Chart::of(&whole, &when), Chart::of(&thin, &when));
        for (id, figure) in Figure::ALL {
            prop_assert_eq!(Chart::large(&whole, &when, figure), Chart::large(&thin, &when, figure), "{}", id);
            for minutes in &at {
                let at = ago(3_600) + SignedDuration::from_mins(*minutes);
                prop_assert_eq!(figure.at(&whole, at), figure.at(&thin, at), "{} at {}", id, at);
            }
            for limit in &limits {
                prop_assert_eq!(figure.first_over(&whole, *limit), figure.first_over(&thin, *limit), "{} over {}", id, limit);
            }
        }
    }
}

/// Every paper of the case, as text, as page and as a Word file, by what it is called.
fn papers(view: &IncidentView, at: Timestamp) -> BTreeMap<String, (String, String, Vec<u8>)> {
    let (when, form) = (when(at), docx::Form { made_at: Some(at), ..docx::Form::default() });
    let written = |kind: PaperKind| {
        let (paper, broken) = case::paper(
            view,
            &case::Order { since: Some(ago(1_800)), ..case::Order::of(kind) },
            &Texts::shipped(),
            &when,
        );
        assert_eq!(broken, None);
        let word = docx::docx(&paper, &form).unwrap();
        (kind.id().to_owned(), (text::text(&paper), html::html(&paper), word))
    };
    PaperKind::OF_CASE.into_iter().map(written).collect()
}

#[tokio::test]
async fn all_papers_of_a_case_are_the_same_bytes_and_a_folder_of_before_stays_true() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("yuqing.db")).unwrap();
    let outside = Outside::default();
    let mut changes = day(&outside);
    let mut row = incident(1, 3, &outside);
    (row.state, row.closed_at, row.told_rank) = (IncidentState::Archived, Some(ago(5)), Some(3));
    changes.push(Change::Incident(Box::new(row)));
    for change in &mut changes {
        // Nothing waits of what is archived.
        if let Change::Notice(row) = change
            && row.state == NoticeState::Pending
        {
            row.state = NoticeState::Cancelled { why: "closed".to_owned() };
        }
    }
    // A month of looks after it had ended, one of them a dip.
    let quiet = post(1, "t1", SiteKind::Forum, &outside);
    for hour in 1..700_i64 {
        let views = if hour == 300 { 20 } else { 30_000 };
        changes.push(Change::Observation(ObservationRow {
            unit: quiet.unit.clone(),
            post: quiet.post.key.clone(),
            at: ago(-hour * 3_600),
            views: Some(Count::exact(views)),
            reposts: None,
            comments: Some(Count::exact(12)),
            likes: None,
        }));
    }
    store.commit(changes).await.unwrap();
    let later = ago(-200 * 86_400);
    let seen = async || store.incident(IncidentId(1)).await.unwrap().unwrap();
    let before = seen().await;
    let rows = FolderRows::read(&store, before.clone(), &when(later)).await.unwrap();
    let made = folder(&rows, &Texts::shipped(), "王科长", &when(later)).unwrap();
    let mut gone = 0;
    loop {
        let step = store.sweep(Retention::default(), later).await.unwrap();
        if step.is_empty() {
            break;
        }
        assert_eq!(step.incidents, 0);
        gone += step.looks;
    }
    let after = seen().await;
    assert_eq!((before.observations.len() - after.observations.len()) as u64, gone);
    assert!(gone > 690, "{gone}");
    for at in [now(), later] {
        assert_eq!(papers(&before, at), papers(&after, at));
    }
    for (_, figure) in Figure::ALL {
        assert_eq!(Chart::large(&before, &when(now()), figure), Chart::large(&after, &when(now()), figure));
    }

    // What was handed out before proves itself, and its audit rows are still the store's.
    let checked = check(std::io::Cursor::new(&made.bytes)).unwrap();
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    let rows = FolderRows::read(&store, after, &when(later)).await.unwrap();
    let again = folder(&rows, &Texts::shipped(), "王科长", &when(later)).unwrap();
    let entries = |one: &yuqing::report::folder::CaseFolder| -> BTreeMap<String, String> {
        one.manifest.entries.iter().map(|entry| (entry.path.clone(), entry.sha256.clone())).collect()
    };
    let (one, other) = (entries(&made), entries(&again));
    let differs: Vec<&String> = one.keys().filter(|path| one[*path] != other[*path]).collect();
    assert_eq!(differs, ["observations.csv"], "all but the table of looks itself");
}
