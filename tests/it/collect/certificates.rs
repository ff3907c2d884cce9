//! Certificates as they are on the web: a site is read when its certificate is good, and only then. The program
//! asks the system for its roots, so it is run as a process of its own that is told of a root made here.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::support::certificates::{Authority, Certificate};

const FEED: &str =
    "<rss version='2.0'><channel><item><title>甲</title><link>https://e.cn/1</link></item></channel></rss>";

/// Serves the feed over TLS with this certificate.
async fn site(Certificate { certificate, key }: Certificate) -> String {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust us ends the conversation here.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut asked = [0; 4096];
                let read = stream.read(&mut asked).await.unwrap_or(0);
                let is_robots = String::from_utf8_lossy(&asked[..read]).starts_with("GET /robots.txt ");
                let (status, body) = if is_robots { ("404 Not Found", "") } else { ("200 OK", FEED) };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("https://127.0.0.1:{port}/feed")
}

async fn probe(url: String, roots: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(["probe", &url, "--json", "--allow-private"]).env("SSL_CERT_FILE", roots);
    command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
    command.current_dir(roots.parent().unwrap());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn only_a_good_certificate_is_trusted() {
    let (known, unknown) = (Authority::new("known"), Authority::new("unknown"));
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, known.pem()).unwrap();

    let good = probe(site(known.sign("127.0.0.1", 2120)).await, &roots).await;
    assert!(good.status.success(), "{good:?}");
    assert!(String::from_utf8_lossy(&good.stdout).contains("甲"), "{good:?}");

    for (what, url) in [
        ("expired", site(known.sign("127.0.0.1", 2021)).await),
        ("of another host", site(known.sign("bbs.example.cn", 2120)).await),
        ("signed by nobody known", site(unknown.sign("127.0.0.1", 2120)).await),
    ] {
        let bad = probe(url, &roots).await;
        assert_eq!(bad.status.code(), Some(1), "{what}: {bad:?}");
        let said = String::from_utf8_lossy(&bad.stdout);
        assert!(said.contains("证书") && !said.contains('甲'), "{what}: {said}");
    }
}
