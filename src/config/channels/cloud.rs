//! `[sms]`: text messages by a gateway described in templates, or by a cloud whose rules are known.

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;

use super::{
    gateway::{GatewaySettings, NAMES, check_template, read_telling},
    timeout,
};
use crate::config::sheet::{Spot, Table, Word};

/// A cloud with a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// 阿里云短信服务, `SendSms` of 2017-05-25.
    Aliyun,
    /// 腾讯云短信, `SendSms` of 2021-01-11.
    Tencent,
}

impl Cloud {
    const fn endpoint(self) -> &'static str {
        match self {
            Self::Aliyun => "https://dysmsapi.aliyuncs.com",
            Self::Tencent => "https://sms.tencentcloudapi.com",
        }
    }

    const fn region(self) -> &'static str {
        match self {
            Self::Aliyun => "cn-hangzhou",
            Self::Tencent => "ap-guangzhou",
        }
    }
}

/// What a cloud needs to know.
#[derive(Debug, Clone)]
pub struct CloudSettings {
    /// Which one.
    pub cloud: Cloud,
    /// AccessKey id or SecretId.
    pub key_id: String,
    /// AccessKey secret or SecretKey.
    pub key_secret: SecretString,
    /// 短信签名, without brackets.
    pub sign: String,
    /// Id of the registered template.
    pub template: String,
    /// SdkAppId; Tencent only, else empty.
    pub app_id: String,
    /// Region.
    pub region: String,
    /// Where the interface stands, without a path.
    pub endpoint: String,
    /// Variables of the registered template in their order: name (a number for Tencent) and our template of its
    /// value, which is cut to 35 characters.
    pub params: Vec<(String, String)>,
    /// The registered wording as a template of ours, only to count segments; empty: not counted.
    pub text: String,
    /// Bound on one request.
    pub timeout: Duration,
    /// Whether a private or loopback address is allowed.
    pub allow_private: bool,
}

/// Who sends text messages.
#[derive(Debug, Clone)]
pub enum SmsService {
    /// A gateway described in templates.
    Gateway(GatewaySettings),
    /// A cloud.
    Cloud(CloudSettings),
}

/// The `[sms]` table.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// Who sends.
    pub service: SmsService,
    /// Secret that the gateway's reply webhook must present; `None` switches the webhook off.
    pub reply_secret: Option<SecretString>,
}

impl SmsSettings {
    /// Where the service is reached, as far as it is known without a message (may hold templates).
    #[must_use]
    pub fn url(&self) -> &str {
        match &self.service {
            SmsService::Gateway(gateway) => &gateway.url,
            SmsService::Cloud(cloud) => &cloud.endpoint,
        }
    }

    /// Whether it may stand in the office's own network.
    #[must_use]
    pub const fn allow_private(&self) -> bool {
        match &self.service {
            SmsService::Gateway(gateway) => gateway.allow_private,
            SmsService::Cloud(cloud) => cloud.allow_private,
        }
    }
}

const CLOUDS: [Word<Option<Cloud>>; 3] = [
    ("gateway", "网关", None),
    ("aliyun", "阿里云", Some(Cloud::Aliyun)),
    ("tencent", "腾讯云", Some(Cloud::Tencent)),
];

/// Reads `[sms]`; faults go to the table's sheet.
pub(in crate::config) fn read_sms(table: &Table<'_>) -> Option<SmsSettings> {
    let provider = table.word("provider", &CLOUDS);
    if table.has("provider") && provider.is_none() {
        return None;
    }
    let reply_secret = table.secret("reply_secret");
    let service = match provider.and_then(Spot::into_inner) {
        None => read_telling(table).map(SmsService::Gateway),
        Some(cloud) => read_cloud(table, cloud).map(SmsService::Cloud),
    };
    table.finish();
    Some(SmsSettings { service: service?, reply_secret })
}

fn read_cloud(table: &Table<'_>, cloud: Cloud) -> Option<CloudSettings> {
    let key_id = table.need_text("key_id", "LTAI5t…");
    let key_secret = table.secret("key_secret");
    if !table.has("key_secret") {
        let hint = "加一行 key_secret = \"credential:sms-key-secret\"";
        table.sheet().fault(table.span(), "[sms] 缺少 key_secret", hint);
    }
    let sign = table.need_text("sign", "某某单位");
    let example = if cloud == Cloud::Aliyun { "SMS_123456789" } else { "1234567" };
    let template = table.need_text("template", example);
    let app_id = match cloud {
        Cloud::Aliyun => Some(String::new()),
        Cloud::Tencent => table.need_text("app_id", "1400006666").map(Spot::into_inner),
    };
    let words = |key, usual: &str| {
        let written = table.text(key).map(Spot::into_inner).filter(|text| !text.is_empty());
        written.unwrap_or_else(|| usual.to_owned())
    };
    let endpoint = words("endpoint", cloud.endpoint());
    if !endpoint.starts_with("https://") && !endpoint.starts_with("http://") {
        let hint = format!("写成 endpoint = \"{}\"，或删去这一行", cloud.endpoint());
        table.sheet().fault(table.place_of("endpoint"), "endpoint 不是网址", hint);
    }
    let settings = CloudSettings {
        cloud,
        key_id: key_id?.into_inner(),
        key_secret: key_secret?,
        sign: sign?.into_inner(),
        template: template?.into_inner(),
        app_id: app_id?,
        region: words("region", cloud.region()),
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        params: params(table, cloud),
        text: words("text", ""),
        timeout: timeout(table, 15),
        allow_private: table.flag("allow_private", false),
    };
    let names: BTreeMap<_, _> = NAMES.into_iter().collect();
    check_template(table, "text", &settings.text, &names);
    for (_, template) in &settings.params {
        check_template(table, "params", template, &names);
    }
    Some(settings)
}

/// The variables in their order: Tencent's are numbered from 1 without a gap.
fn params(table: &Table<'_>, cloud: Cloud) -> Vec<(String, String)> {
    let written = table.pairs("params");
    let mut params: Vec<(String, String)> =
        written.into_iter().map(|(name, value)| (name.into_inner(), value.into_inner())).collect();
    if cloud == Cloud::Tencent {
        let number = |name: &str| name.parse::<usize>().unwrap_or(usize::MAX);
        params.sort_by_key(|(name, _)| number(name));
        if params.iter().enumerate().any(|(at, (name, _))| number(name) != at + 1) {
            let hint = "写成 params = { 1 = \"{{ tier }}\", 2 = \"{{ unit }}\" }，与模板里的 {1}、{2} 对应";
            table.sheet().fault(table.place_of("params"), "腾讯云的模板变量要从 1 起连续编号", hint);
        }
    }
    params
}
