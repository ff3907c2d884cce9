//! The kind of an incident in the console: shown with whose word it is, set by a form and by the API.

use secrecy::SecretString;
use yuqing::{
    desk::Change,
    model::{Act, ContentKind, IncidentId, Kind, KindDecision, Kinds},
};

use super::WithLogin as _;
use super::{CONSOLE_TOKEN, Stage, read, rows::ago};

/// A stage whose first incident says this.
async fn stage(kinds: Kinds, groups: &[&str]) -> (Stage, u64) {
    let stage = Stage::busy().await;
    let mut incident = stage.store.incidents(Default::default()).await.unwrap().remove(0);
    let id = incident.id.0;
    incident.kinds = kinds;
    incident.groups = groups.iter().map(|group| (*group).to_owned()).collect();
    stage.store.commit(vec![Change::Incident(Box::new(incident))]).await.unwrap();
    (stage, id)
}

#[tokio::test]
async fn the_page_says_the_kind_whose_word_it_is_and_the_topics_groups() {
    let proposed = Kinds { proposed: Some(ContentKind::Demand), decided: None };
    let (stage, id) = stage(proposed.clone(), &["专题 招生·分数线"]).await;
    let path = format!("/incidents/{id}");
    let page = stage.get(&path).await.1;
    assert!(page.contains("诉求（系统建议）") && page.contains("专题 招生·分数线"), "{page}");
    let decided = KindDecision {
        kind: Kind::Fabrication,
        by: "<张三>".into(),
        reason: "<script>不实</script>".into(),
        at: ago(5),
    };
    let mut incident = stage.store.incident(IncidentId(id)).await.unwrap().unwrap().incident;
    incident.kinds = Kinds { decided: Some(decided), ..proposed };
    stage.store.commit(vec![Change::Incident(Box::new(incident))]).await.unwrap();
    let page = stage.get(&path).await.1;
    assert!(page.contains("虚假信息（&lt;张三&gt;认定）") && !page.contains("<script>不实"), "{page}");
    let list = stage.get("/api/v1/incidents?all=true").await.1;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let row = list["incidents"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    assert_eq!((&row["kind"], &row["kind_proposed"]), (&"fabrication".into(), &"demand".into()));
    assert_eq!(row["kind_decided"]["by"], "<张三>");
    stage.end().await;
}

#[tokio::test]
async fn the_form_needs_a_known_kind_a_reason_and_a_name() {
    let (stage, id) = stage(Kinds::default(), &[]).await;
    let path = format!("/incidents/{id}/kind");
    let form = |kind, reason, by| [("kind", kind), ("reason", reason), ("by", by)];
    for wrong in [form("praise", "a", "b"), form("hostile", " ", "b"), form("hostile", "a", " ")] {
        assert_eq!(stage.post(&path, &wrong).await.0, 422, "{wrong:?}");
    }
    assert!(stage.acts().is_empty());
    assert_eq!(stage.post(&path, &form("hostile", "同一账号群发", "王主任")).await.0, 303);
    let wanted = Act::SetKind {
        incident: IncidentId(id),
        kind: Kind::Hostile,
        by: "王主任".into(),
        reason: "同一账号群发".into(),
    };
    assert_eq!(stage.acted(1).await, [wanted]);
    let page = stage.get(&format!("/incidents/{id}?done=kind")).await.1;
    assert!(page.contains("类别已认定"), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn the_api_takes_json_with_the_consoles_token() {
    let (stage, id) = stage(Kinds::default(), &[]).await;
    let url = format!("{}/api/v1/incidents/{id}/kind", stage.base);
    let send = |body: &'static str, token: &'static str| {
        let request = stage.client.post(&url).header("content-type", "application/json").body(body);
        read(if token.is_empty() { request } else { request.bearer_auth(token) })
    };
    let right = r#"{"kind":"fabrication","by":"王主任","reason":"查无此事"}"#;
    assert_eq!(send(r#"{"kind":"rumour","by":"王主任","reason":"查无此事"}"#, "").await.0, 422);
    assert_eq!(send(r#"{"kind":"hostile","by":" ","reason":"查无此事"}"#, "").await.0, 422);
    assert_eq!(send(right, "").await.0, 200);
    stage.change(|settings| settings.with_login(SecretString::from(CONSOLE_TOKEN)));
    assert_eq!(send(right, "").await.0, 401);
    assert_eq!(send(right, "wrong").await.0, 401);
    assert_eq!(send(right, CONSOLE_TOKEN).await.0, 200);
    let form = stage.client.post(&url).body("kind=hostile").bearer_auth(CONSOLE_TOKEN);
    assert_eq!(read(form).await.0, 422, "JSON only");
    assert_eq!(stage.acts().len(), 2);
    stage.end().await;
}
