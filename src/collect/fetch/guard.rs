//! Keeps fetches away from addresses that are not the public web: without this, a page that redirects to
//! `169.254.169.254` or a name that resolves to the office's own network would be read on its behalf.
//!
//! Literal addresses never reach a resolver, so the address itself is vetted before each request and each
//! redirect; names are resolved by our own resolver, and the address that was vetted is the one dialled.

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::FetchError;

/// Looks up a host name.
pub type Lookup =
    Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

/// Longest time for one look-up.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);

/// Names that mean this machine or its cloud wherever they resolve to.
const INNER_NAMES: [&str; 6] = ["localhost", "localdomain", "local", "internal", "home.arpa", "onion"];

/// Parses an address and checks its scheme and host. With `allow_private` only the scheme is checked.
///
/// # Errors
/// [`FetchError::BadUrl`] or [`FetchError::Forbidden`].
pub fn vet(address: &str, allow_private: bool) -> Result<Url, FetchError> {
    // Programs disagree on what a backslash in an address means, which is what makes it useful to deceive.
    if address.contains('\\') {
        return Err(FetchError::BadUrl(address.to_owned()));
    }
    let url = Url::parse(address).map_err(|_| FetchError::BadUrl(address.to_owned()))?;
    vet_url(&url, allow_private)?;
    Ok(url)
}

/// [`vet`] for a parsed address.
pub(super) fn vet_url(url: &Url, allow_private: bool) -> Result<(), FetchError> {
    let bad = || FetchError::BadUrl(url.to_string());
    let forbidden = || FetchError::Forbidden(url.to_string());
    if !["http", "https"].contains(&url.scheme()) {
        return Err(bad());
    }
    let host = url.host().ok_or_else(bad)?;
    if allow_private {
        return Ok(());
    }
    // A user name in an address is a trick to show one host and reach another.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(forbidden());
    }
    let public = match host {
        Host::Ipv4(ip) => is_public(IpAddr::V4(ip)),
        Host::Ipv6(ip) => is_public(IpAddr::V6(ip)),
        Host::Domain(name) => !is_inner_name(name),
    };
    if public { Ok(()) } else { Err(forbidden()) }
}

fn is_inner_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let cloud = name.split('.').next() == Some("metadata");
    cloud || INNER_NAMES.iter().any(|inner| name == *inner || name.ends_with(&format!(".{inner}")))
}

/// Whether an address belongs to the public Internet.
#[must_use]
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99);
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([p, q], [r, s]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(p, q, r, s))
    };
    if (a, b, c, d, e) == (0, 0, 0, 0, 0) {
        // v4-mapped; every other address of ::/80 (unspecified, loopback, v4-compatible) is special.
        return f == 0xffff && embedded(g, h);
    }
    if (a, b) == (0x64, 0xff9b) {
        // NAT64 reaches the v4 address inside; the local-use prefix 64:ff9b:1::/48 is never public.
        return (c, d, e, f) == (0, 0, 0, 0) && embedded(g, h);
    }
    if a == 0x2002 {
        return embedded(b, c);
    }
    // Only global unicast (2000::/3) is public, without the protocols' own block 2001::/23 (Teredo,
    // benchmarks, ORCHID) and the two blocks for documentation.
    let protocols = a == 0x2001 && b < 0x200;
    let documentation = (a, b) == (0x2001, 0xdb8) || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !protocols && !documentation
}

/// The resolver of the guarded client: gives only public addresses.
#[derive(Clone)]
pub struct Guard {
    lookup: Lookup,
    allow_private: bool,
}

impl Guard {
    /// Resolves by the machine's own resolver.
    #[must_use]
    pub fn system(allow_private: bool) -> Self {
        let lookup: Lookup = Arc::new(|name| {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            })
        });
        Self { lookup, allow_private }
    }

    /// Resolves by `lookup`.
    #[must_use]
    pub const fn by(lookup: Lookup, allow_private: bool) -> Self {
        Self { lookup, allow_private }
    }

    /// The addresses of a name that may be dialled.
    ///
    /// # Errors
    /// When there is none, or none that is public.
    pub async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::time::timeout(LOOKUP_LIMIT, (self.lookup)(name.to_owned()))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the look-up took too long"))??;
        let any = !found.is_empty();
        let public: Vec<IpAddr> =
            found.into_iter().filter(|ip| self.allow_private || is_public(*ip)).collect();
        match (public.is_empty(), any) {
            (false, _) => Ok(public),
            (true, true) => Err(io::Error::other(NotPublic)),
            (true, false) => Err(io::Error::new(io::ErrorKind::NotFound, "no address")),
        }
    }
}

/// A name that only leads to private addresses.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(super) struct NotPublic;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            // Port 0 tells the client to use the address's own.
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
