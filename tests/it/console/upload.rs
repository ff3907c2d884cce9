//! The form by which a person puts a file to an incident, as a browser sends it.

use yuqing::model::{Act, Course, FileNote, IncidentId};

use super::WithLogin as _;
use super::{CONSOLE_TOKEN, Stage, read, rows};

const BOUNDARY: &str = "----WebKitFormBoundaryQx7";

/// A form with a name and a file, byte for byte.
fn form(by: &str, file_name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    let rest = format!("\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"by\"\r\n\r\n{by}");
    body.extend_from_slice(rest.as_bytes());
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

impl Stage {
    async fn upload(&self, body: Vec<u8>, header: (&'static str, &'static str)) -> (u16, String) {
        let request = self.client.post(format!("{}/incidents/1/files", self.base));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        read(request.header("content-type", kind).header(header.0, header.1).body(body)).await
    }
}

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test]
async fn a_file_of_the_form_is_kept_by_its_hash() {
    let stage = Stage::busy().await;
    let (_, page) = stage.get("/incidents/1").await;
    assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("type=\"file\""), "{page}");

    // Whatever stands in it, line breaks and what looks like a boundary included.
    let held = b"a\r\n--\r\n------WebKitFormBoundary\r\n\0\xff".to_vec();
    let name = "C:\\文\u{202e}件\\回执%22<b>.pdf";
    let (status, _) = stage.upload(form(" 甲 ", name, &held), OWN).await;
    assert_eq!(status, 303);
    let acts = stage.acted(1).await;
    let Act::Attach { incident, name, size, sha256, by } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!((incident.0, name.as_str(), *size, by.as_str()), (1, "回执\"<b>.pdf", 35, "甲"));
    assert_eq!(stage.store.file(sha256).await.unwrap().as_deref(), Some(held.as_slice()));
    assert!(stage.get("/incidents/1?done=file").await.1.contains("文件已保存"));

    // Listed with a link by which it is saved under its name, never shown as what it claims to be.
    let mut row = stage.store.incident(IncidentId(1)).await.unwrap().unwrap().incident;
    let note =
        FileNote { name: name.clone(), size: *size, sha256: sha256.clone(), by: by.clone(), at: rows::now() };
    row.course = Course { files: vec![note], ..row.course };
    stage.store.commit(vec![yuqing::desk::Change::Incident(Box::new(row))]).await.unwrap();
    let (_, page) = stage.get("/incidents/1").await;
    assert!(
        page.contains(&format!("/incidents/1/files/{sha256}\" download=\"回执&quot;&lt;b&gt;.pdf\"")),
        "{page}"
    );
    assert!(!page.contains("<b>.pdf"));
    stage.end().await;
}

#[tokio::test]
async fn what_is_no_whole_small_file_is_refused_in_words() {
    let stage = Stage::busy().await;
    let whole = form("甲", "a.pdf", b"abc");
    let cut = whole[..whole.len() - 8].to_vec();
    let limit = 20 * 1_024 * 1_024;
    let cases = [
        (form("", "a.pdf", b"abc"), "请写姓名"),
        (form("甲", "", b""), "请选择一个文件"),
        (cut, "没有传完整"),
        (Vec::new(), "没有传完整"),
        (form("甲", "a.zip", &vec![0; limit + 1]), "文件超过 20 MB"),
        (form("甲", "a.zip", &vec![0; limit + 2 * 1_024 * 1_024]), "文件超过 20 MB"),
    ];
    for (body, words) in cases {
        let (status, page) = stage.upload(body, OWN).await;
        assert_eq!((status, page.contains(words)), (422, true), "{words}: {page}");
    }
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")] {
        assert_eq!(stage.upload(whole.clone(), foreign).await.0, 403, "{foreign:?}");
    }
    assert!(stage.acts().is_empty());
    stage.change(|settings| settings.with_login(CONSOLE_TOKEN.to_owned().into()));
    assert_eq!(stage.upload(whole.clone(), OWN).await.0, 401, "not without a login");
    stage.change(|settings| settings.without_login());
    assert_eq!(stage.upload(form("甲", "a.pdf", &vec![0; limit]), OWN).await.0, 303, "just small enough");
    assert_eq!(stage.acted(1).await.len(), 1);
    stage.end().await;
}
