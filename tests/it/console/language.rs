//! The console in English by a switch, for this browser alone; wherever the switch stood, one goes on there.

use super::Stage;

async fn choose(stage: &Stage, to: &str, from: &str) -> reqwest::Response {
    let request = stage.client.post(format!("{}/language", stage.base)).header("referer", from);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("to={to}"))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn one_browser_reads_english_and_the_others_as_before() {
    let stage = Stage::busy().await;
    assert!(stage.get("/notices").await.1.contains("<html lang=\"zh-CN\">"));
    let answer = choose(&stage, "en", &format!("{}/notices?state=accepted", stage.base)).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/notices?state=accepted");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let read = async |path: &str| {
        let request = stage.client.get(format!("{}{path}", stage.base)).header("cookie", cookie);
        super::read(request).await
    };
    for path in ["/", "/incidents", "/incidents/1", "/notices", "/reports", "/audit", "/system", "/nowhere"] {
        let (_, page) = read(path).await;
        assert!(page.contains("<html lang=\"en\">") && page.contains(">Incidents</a>"), "{path}: {page}");
    }
    assert!(
        stage.get("/notices").await.1.contains("<html lang=\"zh-CN\">"),
        "nobody else's language changed"
    );
    stage.end().await;
}

#[tokio::test]
async fn nobody_is_led_elsewhere_or_left_without_a_language() {
    let stage = Stage::empty().await;
    for from in ["https://evil.example//evil.example/x", "nonsense", "", "https://evil.example"] {
        let answer = choose(&stage, "zh-CN", from).await;
        let place = answer.headers()["location"].to_str().unwrap();
        assert!(place.starts_with('/') && !place.starts_with("//"), "{from}: {place}");
    }
    let answer = choose(&stage, "tlh", "/").await;
    assert_eq!(answer.status(), 422);
    assert!(answer.headers().get("set-cookie").is_none());
    stage.end().await;
}
