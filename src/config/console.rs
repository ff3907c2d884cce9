//! `[console]` of `yuqing.toml`: where the console listens, who is let in, which reverse proxy is believed, and the
//! certificate by which it speaks TLS itself.

use std::{
    io::Read as _,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::sheet::{Spot, Table, Word};

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Login {
    /// Whoever logs in with an account.
    #[default]
    Accounts,
    /// Whoever sits at this machine: no login, and only loopback is served.
    None,
}

const LOGINS: [Word<Login>; 2] = [("accounts", "账号", Login::Accounts), ("none", "不用", Login::None)];

/// A reverse proxy before the console that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontProxy {
    /// The addresses from which it speaks.
    pub addresses: Vec<IpAddr>,
    /// The header in which it names who was let in by it; `None`: people log in here, and the proxy only says from
    /// where they come (`X-Forwarded-For`).
    pub user_header: Option<String>,
}

impl FrontProxy {
    /// Whether this address is the proxy's.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address.to_canonical())
    }
}

/// The console's settings.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How the links in notices begin; without it there are no links (SEMANTICS 24). No slash at its end.
    pub public_url: Option<String>,
    /// Who is let in.
    pub login: Login,
    /// The proxy that is believed; `None`: none is.
    pub proxy: Option<FrontProxy>,
    /// A bearer token for programs of the office itself, which may do everything; people have accounts.
    pub token: Option<SecretString>,
    /// Certificate and key by which it speaks TLS; `None`: plain HTTP, for this machine or behind a proxy. Read when the
    /// files are, so a renewed certificate is in force after `systemctl reload`.
    pub tls: Option<Arc<ServerConfig>>,
}

impl ConsoleSettings {
    /// How its addresses begin.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// Bytes of a file of certificates.
const CERTIFICATES: u64 = 256 * 1_024;

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8686)),
            public_url: None,
            login: Login::default(),
            proxy: None,
            token: None,
            tls: None,
        }
    }
}

pub(super) fn read(top: &Table<'_>) -> ConsoleSettings {
    let mut console = ConsoleSettings::default();
    let Some(table) = top.table("console") else { return console };
    let listen = table.text("listen");
    let public_url = table.text("public_url").filter(|text| !text.get_ref().is_empty());
    let login = table.word("login", &LOGINS);
    console.token = table.secret("token");
    console.proxy = table.table("proxy").map(|table| front_proxy(&table));
    console.tls = table.table("tls").and_then(|table| tls(&table));
    table.finish();
    if let Some(listen) = listen {
        match listen.get_ref().parse() {
            Ok(address) => console.listen = address,
            Err(_) => {
                let message = format!("\"{}\" 不是监听地址", listen.get_ref());
                table.sheet().fault(listen.span(), message, "写成 \"127.0.0.1:8686\"（地址:端口）");
            }
        }
    }
    if let Some(login) = login {
        console.login = *login.get_ref();
        if console.login == Login::None && !console.listen.ip().is_loopback() {
            let hint = "去掉 login = \"none\"（各人用账号登录），或只监听 \"127.0.0.1:8686\"";
            table.sheet().fault(login.span(), "控制台对外监听，却不要求登录", hint);
        }
    }
    console.public_url = public_url.and_then(|text| web_address(&table, &text));
    console
}

fn front_proxy(table: &Table<'_>) -> FrontProxy {
    let mut addresses = Vec::new();
    for written in table.texts("addresses") {
        match written.get_ref().parse::<IpAddr>() {
            Ok(address) => addresses.push(address.to_canonical()),
            Err(_) => {
                let message = format!("\"{}\" 不是 IP 地址", written.get_ref());
                table.sheet().fault(written.span(), message, "写反向代理自己的地址，如 \"127.0.0.1\"");
            }
        }
    }
    let header = table.text("user_header").filter(|text| !text.get_ref().is_empty());
    if let Some(header) = &header
        && header.get_ref().parse::<reqwest::header::HeaderName>().is_err()
    {
        let message = format!("\"{}\" 不是请求头的名字", header.get_ref());
        table.sheet().fault(header.span(), message, "写成 \"X-Remote-User\"");
    }
    if addresses.is_empty() {
        let hint = "加一行 addresses = [\"127.0.0.1\"]，只相信来自这些地址的请求头";
        table.sheet().fault(table.span(), "[console.proxy] 没有写反向代理的地址", hint);
    }
    table.finish();
    FrontProxy { addresses, user_header: header.map(|header| header.into_inner().to_lowercase()) }
}

/// `tls = { certificate = "/…/fullchain.pem", key = "credential:tls-key" }`.
fn tls(table: &Table<'_>) -> Option<Arc<ServerConfig>> {
    let certificate = table.text("certificate").filter(|text| !text.get_ref().is_empty());
    let key = table.secret("key");
    table.finish();
    let (Some(certificate), Some(key)) = (certificate, key) else {
        let hint =
            "写成 tls = { certificate = \"/etc/yuqing/tls/fullchain.pem\", key = \"credential:tls-key\" }";
        table.sheet().fault(table.span(), "[console.tls] 要写 certificate 和 key", hint);
        return None;
    };
    match server(Path::new(certificate.get_ref()), &key) {
        Ok(server) => Some(Arc::new(server)),
        Err((message, hint)) => {
            table.sheet().fault(certificate.span(), message, hint);
            None
        }
    }
}

/// What is wrong, and the mend.
type Wrong = (String, &'static str);

fn server(certificate: &Path, key: &SecretString) -> Result<ServerConfig, Wrong> {
    let shown = certificate.display();
    if !certificate.is_absolute() {
        return Err((
            format!("证书 {shown} 不是绝对路径"),
            "从 / 写起，如 \"/etc/yuqing/tls/fullchain.pem\"",
        ));
    }
    let mut pem = Vec::new();
    std::fs::File::open(certificate).and_then(|file| file.take(CERTIFICATES).read_to_end(&mut pem)).map_err(
        |error| (format!("读不到证书 {shown}: {error}"), "检查路径，以及运行 yuqing 的用户能否读取它"),
    )?;
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().unwrap_or_default();
    if chain.is_empty() {
        let hint = "用签发机构给的 PEM 文件，本站证书在前，中间证书在后";
        return Err((format!("{shown} 里没有 PEM 格式的证书"), hint));
    }
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).map_err(|_| {
        ("key 所指的不是 PEM 格式的私钥".to_owned(), "用没有口令的 PEM 私钥（BEGIN PRIVATE KEY）")
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let made = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut made = made.map_err(|error| {
        (format!("证书 {shown} 和私钥不能用: {error}"), "检查两者是不是一对，有没有过期换错")
    })?;
    made.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(made)
}

fn web_address(table: &Table<'_>, text: &Spot<String>) -> Option<String> {
    match Url::parse(text.get_ref()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            Some(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => {
            let message = format!("\"{}\" 不是网址", text.get_ref());
            table.sheet().fault(text.span(), message, "写成 \"https://yuqing.example.gov.cn\"");
            None
        }
    }
}
