//! The console in English by a switch, for this browser alone; wherever the switch stood, one goes on there.

use yuqing::config::Login;

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

#[tokio::test]
async fn the_pages_before_the_login_have_the_switch_too() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.login = Login::Accounts);
    let first = stage.access.first(stage.now()).await.expect("the store").expect("a link");
    let paths = ["/login?next=%2Fincidents", first.as_str(), "/confirm/nonsense"];
    for path in paths {
        let (_, page) = stage.get(path).await;
        assert!(page.contains("action=\"/language\"") && page.contains(">English<"), "{path}: {page}");
    }
    let answer = choose(&stage, "en", &format!("{}/login?next=%2Fincidents", stage.base)).await;
    assert_eq!(answer.headers()["location"], "/login?next=%2Fincidents");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for path in paths {
        let request = stage.client.get(format!("{}{path}", stage.base)).header("cookie", &cookie);
        let (_, page) = super::read(request).await;
        assert!(page.contains("<html lang=\"en\">") && page.contains(">中文<"), "{path}: {page}");
    }
    let wrong = stage.client.post(format!("{}/login", stage.base)).header("cookie", &cookie);
    let wrong = wrong.header("content-type", "application/x-www-form-urlencoded").body("name=x&password=y");
    let (status, page) = super::read(wrong).await;
    assert!(status == 401 && page.contains("not the name or not the password"), "{page}");
    stage.end().await;
}
