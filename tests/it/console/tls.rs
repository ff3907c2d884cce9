//! TLS by file: a real daemon, a real certificate; who speaks plainly or greets slowly, a renewed certificate, and
//! files that cannot be used.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use yuqing::{
    app::daemon::{Daemon, Options},
    config::{self, Folder, starter},
    time::System,
};

use crate::support::certificates::{Authority, Certificate};

const HOST: &str = "yuqing.example.gov.cn";

fn write(folder: &Path, certificate: &Certificate) {
    fs::write(folder.join("cert.pem"), certificate.certificate.pem()).unwrap();
    fs::write(folder.join("key.pem"), certificate.key.serialize_pem()).unwrap();
}

/// An office with this `[console]`.
fn office(folder: &Path, console: &str) {
    for file in starter::files("青川县人民医院") {
        let path = folder.join(file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    let path = Folder::Disk(folder.to_owned()).path("yuqing.toml");
    let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, after) = text.split_once("[console]\n").unwrap();
    fs::write(path, format!("{before}[console]\n{console}\n{after}")).unwrap();
}

fn tls(folder: &Path) -> String {
    let folder = folder.display();
    format!("tls = {{ certificate = \"{folder}/cert.pem\", key = \"file:{folder}/key.pem\" }}")
}

async fn started(folder: &Path) -> Daemon {
    let options = Options {
        folder: Folder::Disk(folder.to_owned()),
        state_dir: folder.join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: Arc::new(System),
        post_room: None,
        journal: Default::default(),
        link_to_self: false,
    };
    Daemon::start(options).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Somebody who trusts this authority and nobody else.
fn visitor(authority: &Authority, address: SocketAddr) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap()])
        .resolve(HOST, address)
        .build()
        .unwrap()
}

#[tokio::test]
async fn pages_come_by_tls_and_a_renewed_certificate_by_reload() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("office"));
    write(folder.path(), &authority.sign(HOST, 2040));
    office(folder.path(), &tls(folder.path()));
    let daemon = started(folder.path()).await;
    let address = daemon.address();
    assert!(daemon.first_link().unwrap().starts_with("https://"), "{:?}", daemon.first_link());
    let url = |path: &str| format!("https://{HOST}:{}{path}", address.port());
    let visit = visitor(&authority, address);
    assert_eq!(visit.get(url("/healthz")).send().await.unwrap().status(), 200);
    // Plain HTTP gets nothing, and nobody waits for a peer who never greets.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{:?}", String::from_utf8_lossy(&answer));
    assert_eq!(visit.get(url("/login")).send().await.unwrap().status(), 200);
    silent.write_all(b"\x16").await.unwrap();
    // Another authority signs the next one: the old one's friends do not know it.
    let other = Authority::new("renewed");
    write(folder.path(), &other.sign(HOST, 2041));
    daemon.reload().await.unwrap();
    // The files are in force; the listener hears of it by a task of its own, between two visits.
    let mut seen = None;
    for _ in 0..1_000 {
        seen = visitor(&other, address).get(url("/healthz")).send().await.ok();
        if seen.is_some() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.expect("the renewed certificate").status(), 200);
    assert!(visitor(&authority, address).get(url("/healthz")).send().await.is_err());
    daemon.stop().await;
}

#[test]
fn files_that_cannot_be_used_are_told_with_the_mend() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("office"));
    let at = folder.path().display().to_string();
    let one = authority.sign(HOST, 2040);
    write(folder.path(), &one);
    fs::write(folder.path().join("other.pem"), authority.sign(HOST, 2040).key.serialize_pem()).unwrap();
    fs::write(folder.path().join("words.pem"), "hello").unwrap();
    let cases = [
        ("cert.pem".to_owned(), "key.pem", "不是绝对路径"),
        (format!("{at}/missing.pem"), "key.pem", "读不到证书"),
        (format!("{at}/words.pem"), "key.pem", "没有 PEM 格式的证书"),
        (format!("{at}/cert.pem"), "words.pem", "不是 PEM 格式的私钥"),
        (format!("{at}/cert.pem"), "other.pem", "不能用"),
    ];
    for (certificate, key, want) in cases {
        let office_of = tempfile::tempdir().unwrap();
        office(
            office_of.path(),
            &format!("tls = {{ certificate = \"{certificate}\", key = \"file:{at}/{key}\" }}"),
        );
        let faults = config::load(&Folder::Disk(office_of.path().to_owned())).unwrap_err();
        let told = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.contains(want) && told.contains("yuqing.toml"), "{want}: {told}");
    }
}
