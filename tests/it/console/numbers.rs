//! A person gives a paper its running number; looking at one never does.

use yuqing::model::Act;

use super::Stage;

#[tokio::test]
async fn looking_burns_no_number_and_a_person_gives_one() {
    let stage = Stage::busy().await;
    let month = "/papers?kind=monthly&month=2026-10";
    for _ in 0..2 {
        for page in [month, "/incidents/1/print?kind=special", "/papers?kind=brief"] {
            let (status, body) = stage.get(page).await;
            assert!(status == 200 && body.contains("〔2026〕第 ____ 期"), "{page}: {body}");
            assert!(body.contains("编期号"), "{page}");
        }
        let file = format!("{}/papers.docx?kind=monthly&month=2026-10", stage.base);
        assert_eq!(stage.client.get(file).send().await.unwrap().status(), 200);
    }
    let form = [("kind", "monthly"), ("month", "2026-10"), ("by", "王敏")];
    let to = stage.sent_on("/papers/number", &form).await;
    assert!(to.starts_with("/papers?kind=monthly&month=2026-10"), "{to}");
    let (_, body) = stage.get(month).await;
    assert!(body.contains("〔2026〕第 1 期") && !body.contains("编期号"), "{body}");
    let to = stage.sent_on("/incidents/1/number", &[("by", "王敏")]).await;
    assert_eq!(to, "/incidents/1/print?kind=special");
    for _ in 0..2 {
        let (_, body) = stage.get("/incidents/1/print?kind=special").await;
        assert!(body.contains("〔2026〕第 1 期") && !body.contains("编期号"), "{body}");
        // Asked again it stays what it is.
        stage.sent_on("/incidents/1/number", &[("by", "王敏")]).await;
    }
    let said: Vec<(String, String)> = stage
        .acted(3)
        .await
        .into_iter()
        .filter_map(|act| match act {
            Act::Paper { paper, by, .. } => Some((paper, by)),
            _ => None,
        })
        .collect();
    assert!(said[0].0.contains("舆情月报 2026年10月 〔2026〕第 1 期") && said[0].1 == "王敏", "{said:?}");
    assert!(said[1].0.contains("舆情专报 #1 〔2026〕第 1 期"), "{said:?}");
    stage.end().await;
}

#[tokio::test]
async fn what_is_not_to_be_numbered_is_said() {
    let stage = Stage::busy().await;
    let refused = async |form: &[(&str, &str)], words: &str| {
        let (status, body) = stage.post("/papers/number", form).await;
        assert!((400..500).contains(&status) && body.contains(words), "{status} {body}");
    };
    refused(&[("kind", "monthly"), ("month", "2026-11"), ("by", "王敏")], "这个月还没有结束").await;
    refused(&[("kind", "circular"), ("month", "2026-10"), ("by", "王敏")], "不在这里编号").await;
    refused(&[("kind", "monthly"), ("month", "2026-10")], "请写姓名").await;
    let (_, body) = stage.get("/papers?kind=circular").await;
    assert!(!body.contains("编期号"));
    stage.end().await;
}
