//! `[console]` of `yuqing.toml`: where the console listens, who is let in, and which reverse proxy is believed.

use std::net::{IpAddr, SocketAddr};

use secrecy::SecretString;
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
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8686)),
            public_url: None,
            login: Login::default(),
            proxy: None,
            token: None,
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
