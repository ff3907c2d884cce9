//! Whatever stands in a post, its title, its address, its site or a server's answer: pages show it as
//! text. The skeleton of a page (its elements and their attributes) must be the same as with plain text.

use scraper::Html;

use super::{Stage, rows::Outside};

const PAGES: [&str; 8] =
    ["/", "/live", "/wall", "/incidents", "/incidents/1", "/incidents/1/print", "/notices", "/sources"];

fn payloads() -> Vec<String> {
    let dompurify = include_str!("../../data/hostile/dompurify_cases.jsonl").lines();
    let miniflux = include_str!("../../data/hostile/miniflux_sanitizer_cases.jsonl").lines();
    let mut payloads: Vec<String> = dompurify
        .chain(miniflux)
        .filter_map(|line| {
            // One recorded case is cut in two by a line separator; its halves are no JSON.
            let case: serde_json::Value = serde_json::from_str(line).ok()?;
            case["payload"].as_str().or(case["input"].as_str()).map(str::to_owned)
        })
        .collect();
    payloads.extend(
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)//http://",
            "data:text/html,<script>alert(1)</script>",
            "http://a.example/\" onmouseover=\"alert(1)",
            "</title><script>alert(1)</script>",
            "</textarea></select><img src=x onerror=alert(1)>",
            "{{ 7 * 7 }}{% raw %}",
            "\u{202e}gpj.exe\u{2066}",
        ]
        .map(str::to_owned),
    );
    payloads
}

/// Elements and the names of their attributes, in order; what leads elsewhere by its scheme.
fn skeleton(page: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let elements = page.root_element().descendants().filter_map(|node| node.value().as_element());
    let mut bones: Vec<String> = elements
        .filter(|element| !["a", "br", "bdi"].contains(&element.name()))
        .map(|element| {
            let names: Vec<_> = element.attrs().map(|(name, _)| name).collect();
            format!("{} {}", element.name(), names.join(" "))
        })
        .collect();
    bones.sort();
    bones
}

fn addresses(page: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let elements = page.root_element().descendants().filter_map(|node| node.value().as_element());
    let leads = ["href", "src", "action", "formaction"];
    elements
        .flat_map(|element| {
            element.attrs().filter(|(name, _)| leads.contains(name)).map(|(_, value)| value.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn nothing_from_outside_becomes_markup() {
    let payloads = payloads();
    assert!(payloads.len() > 80, "{}", payloads.len());
    let plain = Stage::with(&Outside::all("平常的文字")).await;
    let mut wanted = Vec::new();
    for path in PAGES {
        wanted.push(skeleton(&plain.get(path).await.1));
    }
    plain.end().await;
    // Several payloads share a stage: the words between them keep what one opens from closing another.
    for chunk in payloads.chunks(12) {
        for payload in [chunk.join(" 文字 "), chunk.last().cloned().unwrap_or_default()] {
            let stage = Stage::with(&Outside::all(&payload)).await;
            for (path, wanted) in PAGES.iter().zip(&wanted) {
                let (status, page) = stage.get(path).await;
                assert_eq!(status, 200);
                assert_eq!(&skeleton(&page), wanted, "{path}: {payload}");
                for address in addresses(&page) {
                    let ours = address.starts_with(['/', '#']) || address.starts_with("tel:");
                    assert!(
                        ours || address.starts_with("http://") || address.starts_with("https://"),
                        "{address}"
                    );
                }
                assert!(!page.contains('\u{202e}'), "{path} turns the direction");
            }
            stage.end().await;
        }
    }
}

#[tokio::test]
async fn letters_and_confirm_pages_escape_too() {
    let outside = Outside::all("<script>alert(1)</script>\"'><img src=x onerror=alert(1)>");
    let stage = Stage::with(&outside).await;
    let claim = yuqing::dispatch::Claim {
        incident: yuqing::model::IncidentId(1),
        rank: 3,
        contact: "<svg onload=alert(1)>".into(),
        expires_at: super::ago(-600),
    };
    let confirm = format!("/confirm/{}", stage.key.token(&claim));
    for path in ["/mailbox", "/mailbox/email/1", "/mailbox/sms/1", &confirm] {
        let (status, page) = stage.get(path).await;
        assert_eq!(status, 200);
        assert!(
            !page.contains("<script>") && !page.contains("<img src=x") && !page.contains("<svg onload"),
            "{page}"
        );
    }
    let (_, letter) = stage.get("/mailbox/email/1").await;
    assert!(letter.contains("href=\"http:&#x2f;&#x2f;127.0.0.1:1&#x2f;confirm&#x2f;abc\""), "{letter}");
    // A file that came with it is there to take, and its name stays a name.
    assert!(letter.contains("href=\"/mailbox/email/1/0\"") && !letter.contains("<b>1</b>"), "{letter}");
    assert_eq!(stage.get("/mailbox/email/1/0").await, (200, "PK".to_owned()));
    for nothing in ["/mailbox/email/1/1", "/mailbox/email/2/0", "/mailbox/email/1/x"] {
        assert!((400..500).contains(&stage.get(nothing).await.0), "{nothing}");
    }
    stage.end().await;
}
