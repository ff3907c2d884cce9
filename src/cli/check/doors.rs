//! Knocks at the configured channels without sending anything: the mail server is greeted, logged in to
//! and asked for NOOP; the gateway's name must resolve to an address that may be called.

use std::{net::IpAddr, time::Duration};

use lettre::{AsyncSmtpTransport, Tokio1Executor, transport::smtp::authentication::Credentials};
use secrecy::ExposeSecret as _;

use crate::config::{
    Fault, Office,
    channels::{EmailSettings, MailSecurity, SmsSettings},
};

/// A knock is not the place to wait for a slow server.
const LONGEST: Duration = Duration::from_secs(15);

/// Tries what is configured; each failure is a fault of `yuqing.toml`.
pub(super) fn try_all(office: &Office) -> anyhow::Result<Vec<Fault>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let file = office.folder.path("yuqing.toml");
    let mut faults = Vec::new();
    runtime.block_on(async {
        if let Some(email) = &office.settings.email
            && let Err(why) = knock_at_mail_server(email).await
        {
            let message = format!("[email] 连不上邮件服务器 {}:{}（{why}）", email.host, email.port);
            let hint = "检查 host、port、security、user 和密码；暂时不连接时用 yuqing check --offline";
            faults.push(Fault::of_file(&file, message, Some(hint.to_owned())));
        }
        if let Some(sms) = &office.settings.sms
            && let Err(why) = find_gateway(sms).await
        {
            let message = format!("[sms] 找不到短信网关（{why}）");
            let hint = "检查 url 里的域名和本机的网络；网关在内网时写 allow_private = true";
            faults.push(Fault::of_file(&file, message, Some(hint.to_owned())));
        }
    });
    Ok(faults)
}

async fn knock_at_mail_server(settings: &EmailSettings) -> Result<(), String> {
    let longest = settings.timeout.min(LONGEST);
    let transport = transport(settings, longest).map_err(|error| error.to_string())?;
    match tokio::time::timeout(longest, transport.test_connection()).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err("服务器不回答 NOOP".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("{} 秒内没有回答", longest.as_secs())),
    }
}

fn transport(
    settings: &EmailSettings,
    longest: Duration,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    type Transport = AsyncSmtpTransport<Tokio1Executor>;
    let builder = match settings.security {
        MailSecurity::Tls => Transport::relay(&settings.host)?,
        MailSecurity::StartTls => Transport::starttls_relay(&settings.host)?,
        MailSecurity::Plain => Transport::builder_dangerous(&settings.host),
    };
    let builder = builder.port(settings.port).timeout(Some(longest));
    Ok(match (&settings.user, &settings.password) {
        (Some(user), Some(password)) => {
            builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned())).build()
        }
        _ => builder.build(),
    })
}

async fn find_gateway(settings: &SmsSettings) -> Result<(), String> {
    let address = url::Url::parse(settings.url()).map_err(|error| error.to_string())?;
    let host = address.host_str().unwrap_or_default();
    let port = address.port_or_known_default().unwrap_or(443);
    let lookup = tokio::time::timeout(LONGEST, tokio::net::lookup_host((host, port))).await;
    let mut addresses =
        lookup.map_err(|_| format!("解析 {host} 超时"))?.map_err(|error| format!("{host}: {error}"))?;
    let allowed = |address: std::net::SocketAddr| settings.allow_private() || !is_private(address.ip());
    if addresses.any(allowed) { Ok(()) } else { Err(format!("{host} 只有内网地址")) }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}
