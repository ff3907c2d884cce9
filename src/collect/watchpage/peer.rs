//! Who answered: certificate and network of a host. Both change for good reasons too, so a change is told
//! to the administrators and is no incident by itself.

use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{der, record::HostRecord};
use crate::locale::Locale;

/// Told when a certificate holds for less.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(24 * 14);
/// New networks are learned without a word for so long: hosts behind many addresses show them all.
const LEARNING: SignedDuration = SignedDuration::from_hours(24);
const MOST_NETWORKS: usize = 64;

/// A certificate as it was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// SHA-256 of the DER, in hex.
    pub fingerprint: String,
    /// Who issued it.
    pub issuer: String,
    /// Until when it holds. UTC; `None` when it cannot be read.
    pub not_after: Option<Timestamp>,
}

impl Certificate {
    /// Reads a DER certificate. What cannot be read is empty.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        let facts = der::facts(der);
        let not_after = facts.as_ref().and_then(|facts| instant(&facts.not_after));
        Self {
            fingerprint: hex::encode(Sha256::digest(der)),
            issuer: facts.map(|facts| facts.issuer).unwrap_or_default(),
            not_after,
        }
    }
}

/// Something to tell the administrators of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// `certificate`, `expiry` or `address`.
    pub about: &'static str,
    /// Whether it stands until it is mended, and not only for a while.
    pub stays: bool,
    pub text: String,
}

/// Takes who answered into the record of its host. `mended` names what stands no longer.
pub(super) fn learn(
    host: &str,
    record: &mut HostRecord,
    certificate: Option<Certificate>,
    peer: Option<SocketAddr>,
    now: Timestamp,
    locale: Locale,
) -> (Vec<Told>, Vec<&'static str>) {
    let (mut told, mut mended) = (Vec::new(), Vec::new());
    let since = *record.since.get_or_insert(now);
    if let Some(shown) = certificate {
        let soon = shown.not_after.is_some_and(|at| at.duration_since(now) < EXPIRES_SOON);
        if soon {
            let days = shown.not_after.map_or(0, |at| at.duration_since(now).as_hours() / 24);
            let text = match locale {
                Locale::ZhCn => format!("{host} 的证书还有 {days} 天到期，请联系网站管理员更换"),
                Locale::En => format!("the certificate of {host} expires in {days} days"),
            };
            told.push(Told { about: "expiry", stays: true, text });
        } else {
            mended.push("expiry");
        }
        if let Some(before) = &record.certificate
            && before.issuer != shown.issuer
        {
            let (old, new) = (&before.issuer, &shown.issuer);
            let text = match locale {
                Locale::ZhCn => {
                    format!(
                        "{host} 的证书换了签发者：原来是 {old}，现在是 {new}。若不是本单位换的，请立即核实"
                    )
                }
                Locale::En => format!("the certificate of {host} is now issued by {new}, before by {old}"),
            };
            told.push(Told { about: "certificate", stays: false, text });
        }
        record.certificate = Some(shown);
    }
    if let Some(network) = peer.map(|peer| network(peer.ip()))
        && !record.networks.contains(&network)
    {
        if now.duration_since(since) > LEARNING {
            let text = match locale {
                Locale::ZhCn => {
                    format!(
                        "{host} 解析到了新的网段 {network}。若不是本单位迁移或用了加速服务，请核实域名解析"
                    )
                }
                Locale::En => format!("{host} now resolves into {network}, which was never seen"),
            };
            told.push(Told { about: "address", stays: false, text });
        }
        record.networks.push(network);
        let excess = record.networks.len().saturating_sub(MOST_NETWORKS);
        record.networks.drain(..excess);
    }
    (told, mended)
}

/// The network of an address: what one owner usually has.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}::/32")
        }
    }
}

/// A time of a certificate. Two digits of a year are 1950 to 2049 (RFC 5280 4.1.2.5.1).
fn instant(written: &str) -> Option<Timestamp> {
    let digits = written.strip_suffix('Z')?;
    let full = match digits.len() {
        12 => {
            let year: u32 = digits.get(..2)?.parse().ok()?;
            format!("{}{digits}", if year < 50 { "20" } else { "19" })
        }
        14 => digits.to_owned(),
        _ => return None,
    };
    let at = DateTime::strptime("%Y%m%d%H%M%S", &full).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}
