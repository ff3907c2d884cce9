//! The guard: every class of address that is not the public web, at the look-up and on a redirect; the
//! contract, the proxy, and the hosts that are forgotten.

use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};
use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use yuqing::{
    collect::{
        fetch::{FetchError, Fetcher, Guard, Lookup, Request, vet},
        requests,
    },
    config::{FetchSettings, preset::Presets, source, source::Proxy},
    time::Manual,
};

use super::stage::{now, request, serve, settings, sources};

fn leads_to(addresses: &[&str]) -> Lookup {
    let found: Vec<IpAddr> = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    Arc::new(move |_| {
        let found = found.clone();
        Box::pin(async move { Ok(found) })
    })
}

#[tokio::test]
async fn every_class_of_special_address() {
    let special = [
        // RFC 6890 and its later entries, each by its first and last address.
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.0",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        // The same in IPv6, and IPv4 within IPv6 in all its clothes.
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2002:c0a8:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in special {
        let error = Guard::by(leads_to(&[address]), false).addresses("a.example").await.unwrap_err();
        assert!(error.to_string().contains("no public address"), "{address}: {error}");
        let literal =
            if address.contains(':') { format!("http://[{address}]/") } else { format!("http://{address}/") };
        assert!(matches!(vet(&literal, false), Err(FetchError::Forbidden(_))), "{literal}");
        assert!(vet(&literal, true).is_ok(), "an intranet source may: {literal}");
    }
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "240c::6666",
        "2400:3200::1",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ];
    for address in public {
        let found = Guard::by(leads_to(&[address]), false).addresses("a.example").await;
        assert_eq!(found.unwrap(), [address.parse::<IpAddr>().unwrap()], "{address}");
    }
    let both = Guard::by(leads_to(&["10.0.0.5", "1.1.1.1", "::1"]), false).addresses("a.example").await;
    assert_eq!(both.unwrap(), ["1.1.1.1".parse::<IpAddr>().unwrap()]);
}

#[tokio::test]
async fn a_redirect_is_vetted_like_the_first_address() {
    let app = Router::new().route(
        "/to/{n}",
        get(|axum::extract::Path(n): axum::extract::Path<usize>| async move {
            (StatusCode::FOUND, [(header::LOCATION, TARGETS[n])])
        }),
    );
    const TARGETS: [&str; 9] = [
        "http://127.0.0.1/",
        "//169.254.169.254/latest/meta-data",
        "http://localhost/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::ffff:7f00:1]/",
        "http://metadata.google.internal/",
        "http://u:p@public.example/",
        "\t http://10.0.0.1/",
    ];
    let base = serve(app).await;
    let port = base.rsplit(':').next().unwrap();
    // The test's own server passes for public; the addresses it leads to are vetted as ever.
    let guard = Guard::by(leads_to(&["127.0.0.1"]), true);
    let fetcher = Fetcher::with_guard(settings(), Arc::new(Manual::at(now())), &guard).unwrap();
    for (n, target) in TARGETS.iter().enumerate() {
        let url = format!("http://public.example:{port}/to/{n}");
        let asked = Request { allow_private: false, ..request(&url) };
        let error = fetcher.fetch(&asked).await.unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(_)), "{target}: {error:?}");
    }
}

#[tokio::test]
async fn a_name_that_turns_inward_is_refused_at_the_next_connect() {
    let served = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&served);
    let page = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "secret" }
    };
    let base = serve(Router::new().route("/", get(page))).await;
    let port = base.rsplit(':').next().unwrap();
    let turn = Arc::new(AtomicUsize::new(0));
    let turning: Lookup = Arc::new(move |_| {
        // First a public address at which nobody answers here, then this machine.
        let first = turn.fetch_add(1, Ordering::SeqCst) == 0;
        let ip: IpAddr = if first { "192.88.98.1" } else { "127.0.0.1" }.parse().unwrap();
        Box::pin(async move { Ok(vec![ip]) })
    });
    let guard = Guard::by(turning, false);
    let fetcher = Fetcher::with_guard(settings(), Arc::new(Manual::at(now())), &guard).unwrap();
    let mut asked = Request { allow_private: false, ..request(&format!("http://turning.example:{port}/")) };
    asked.contract = Some("straight to the page".into());
    asked.timeout = SignedDuration::from_millis(200);
    assert!(fetcher.fetch(&asked).await.is_err(), "the first time nobody answers");
    let error = fetcher.fetch(&asked).await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(_)), "{error:?}");
    assert_eq!(served.load(Ordering::SeqCst), 0);
}

/// A forward proxy that answers every request itself with the line that it was sent.
async fn proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut head, mut chunk) = (Vec::new(), [0; 1024]);
                while !head.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(n) if n > 0 => head.extend_from_slice(&chunk[..n]),
                        _ => return,
                    }
                }
                let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
                let (status, body) =
                    if line.contains("/robots.txt") { ("404 None", "") } else { ("200 OK", line.as_str()) };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn the_proxy_of_the_office_or_of_one_source() {
    let proxy = proxy().await;
    let with = FetchSettings { proxy: Proxy::parse(&proxy), ..settings() };
    let fetcher = Fetcher::new(with.clone(), Arc::new(Manual::at(now()))).unwrap();
    let of = |more: &str, url: &str| {
        let mut source = sources(&format!("[[feed]]\nname = \"a\"\nurl = \"{url}\"\n{more}\n")).remove(0);
        source.allow_private = false;
        requests::of(&source, &with, url).unwrap()
    };
    let page = "http://nowhere.example/list";
    let fetched = fetcher.fetch(&of("", page)).await.unwrap();
    assert_eq!(fetched.body, format!("GET {page} HTTP/1.1").as_bytes(), "the name is the proxy's to resolve");
    // The guard still refuses what is written as private, though the proxy is asked for all else.
    for inner in ["http://127.0.0.1/", "http://10.0.0.1/", "http://localhost/"] {
        assert!(matches!(fetcher.fetch(&of("", inner)).await, Err(FetchError::Forbidden(_))), "{inner}");
    }
    let straight = of("proxy = \"direct\"", page);
    assert_eq!(straight.proxy, None);
    assert_eq!(of("proxy = \"socks5h://127.0.0.1:9\"", page).proxy.as_deref(), Some("socks5h://127.0.0.1:9"));
    // A site of the office's own network is not asked for through the proxy.
    let mut inside = sources("[[feed]]\nname = \"a\"\nurl = \"http://10.0.0.1/\"\n").remove(0);
    inside.allow_private = true;
    assert_eq!(requests::of(&inside, &with, "http://10.0.0.1/").unwrap().proxy, None);
    let gone = Request { proxy: Some("socks5h://127.0.0.1:9".into()), ..request("http://a.example/") };
    let gone = Request { contract: Some("straight to the page".into()), ..gone };
    assert!(matches!(fetcher.fetch(&gone).await, Err(FetchError::Connect { .. })));
}

#[test]
fn what_a_source_may_say_about_contract_and_proxy() {
    let presets = Presets::load(None).unwrap();
    let faults = |more: &str| {
        let text = format!("[[feed]]\nname = \"a\"\nurl = \"https://a.example/f\"\n{more}\n");
        match source::parse(Path::new("sources.d/a.toml"), &text, &presets, &[]) {
            Ok(_) => String::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    };
    let key = "credential = \"env:KEY\"\nheaders = { Authorization = \"{credential}\" }";
    assert_eq!(faults(&format!("contract = \"协议\"\n{key}")), "");
    assert!(faults("contract = \"协议\"").contains("写了 contract 却没有写 credential"));
    assert!(faults(&format!("contract = \" \"\n{key}")).contains("contract 是空的"));
    assert_eq!(faults("proxy = \"http://10.0.0.2:3128\""), "");
    for bad in ["ftp://10.0.0.2", "10.0.0.2:3128", "http://u:p@10.0.0.2:3128", "http://"] {
        assert!(faults(&format!("proxy = \"{bad}\"")).contains("不是代理的地址"), "{bad}");
    }
}

#[tokio::test]
async fn hosts_that_nobody_waits_for_are_forgotten() {
    let base = serve(Router::new().route("/{n}", get(|| async { "page" }))).await;
    let port = base.rsplit(':').next().unwrap();
    let guard = Guard::by(leads_to(&["127.0.0.1"]), true);
    let clock = Manual::at(now());
    let fetcher = Fetcher::with_guard(settings(), Arc::new(clock.clone()), &guard).unwrap();
    for n in 0..1_500 {
        let url = format!("http://h{n}.example:{port}/a");
        let asked = Request { allow_private: false, contract: Some("no robots.txt".into()), ..request(&url) };
        fetcher.fetch(&asked).await.unwrap();
        clock.advance(SignedDuration::from_secs(1));
    }
    assert!(fetcher.n_hosts() <= 1_024, "{}", fetcher.n_hosts());
}

#[test]
fn a_post_on_a_twin_host_is_the_same_post() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("presets")).unwrap();
    let preset = "kind = \"feed\"\ntitle = \"论坛\"\nsite_kind = \"forum\"\n\
                  twins = [\"wap.luntan.example.cn = www.luntan.example.com\"]\n";
    std::fs::write(folder.path().join("presets/own-forum.toml"), preset).unwrap();
    let presets = Presets::load(Some(folder.path())).unwrap();
    let read = |host: &str| {
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>t</title><link>https://{host}/</link><description/><item>\
             <title>t</title><link>https://{host}/thread-7.html</link><description>d</description></item></channel></rss>"
        );
        // Any preset knows the twins of all: the shipped one reads the links of a forum that it has not heard of.
        let url = format!("https://{host}/rss");
        let page = yuqing::collect::adapter::Page {
            url: &url,
            content_type: None,
            body: feed.as_bytes(),
            asked: None,
        };
        let mut reading = yuqing::collect::adapter::read(&presets.get("rss").unwrap(), &page, now());
        reading.posts.remove(0).0
    };
    let (mobile, desktop) = (read("wap.luntan.example.cn"), read("www.luntan.example.com"));
    assert_eq!((&mobile.url, &mobile.key), (&desktop.url, &desktop.key));
    assert_eq!(mobile.key.site, "example.com");
}
