//! Reads out of a certificate what a person asks: until when it holds and who issued it. A reader of
//! tags and lengths and no more; whether the certificate is good was TLS's business.

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Organisation of the issuer, else its common name.
    pub issuer: String,
    /// As written: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
    pub not_after: String,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;
/// 2.5.4.10 and 2.5.4.3.
const ORGANISATION: [u8; 3] = [0x55, 0x04, 0x0a];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// The facts of a DER certificate; `None` when it cannot be read.
pub(super) fn facts(der: &[u8]) -> Option<Facts> {
    let (certificate, _) = of_tag(der, SEQUENCE)?;
    let (mut body, _) = of_tag(certificate, SEQUENCE)?;
    if body.first() == Some(&VERSION) {
        body = element(body)?.2;
    }
    // Serial number and algorithm stand before the issuer.
    body = element(body)?.2;
    body = element(body)?.2;
    let (issuer, rest) = of_tag(body, SEQUENCE)?;
    let (validity, _) = of_tag(rest, SEQUENCE)?;
    let (_, _, rest) = element(validity)?;
    let (_, not_after, _) = element(rest)?;
    let issuer = name(issuer, &ORGANISATION).or_else(|| name(issuer, &COMMON_NAME)).unwrap_or_default();
    Some(Facts { issuer, not_after: String::from_utf8_lossy(not_after).into_owned() })
}

/// The value of one attribute of a name.
fn name(mut rest: &[u8], wanted: &[u8]) -> Option<String> {
    while let Some((tag, set, after)) = element(rest) {
        rest = after;
        if tag != SET {
            continue;
        }
        let (pair, _) = of_tag(set, SEQUENCE)?;
        let (kind, value) = of_tag(pair, OBJECT)?;
        if kind == wanted {
            return element(value).map(|(_, value, _)| String::from_utf8_lossy(value).into_owned());
        }
    }
    None
}

/// The content of the first element, which must have this tag, and what follows it.
fn of_tag(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(tag, ..)| *tag == wanted).map(|(_, content, rest)| (content, rest))
}

/// Tag, content and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
