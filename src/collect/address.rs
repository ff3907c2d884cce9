//! Addresses out of templates: `{keyword}` expands over the search terms, `{page}` over the pages.

use crate::config::source::fill;

/// A template without `{keyword}` as one address; else one for each term, percent-encoded in `encoding`.
/// `{page}` becomes `page`.
#[must_use]
pub fn expand(template: &str, terms: &[String], encoding: &str, page: u32) -> Vec<String> {
    let paged = fill(template, [("page", page.to_string().as_str())]);
    if !paged.contains("{keyword}") {
        return vec![paged];
    }
    terms.iter().map(|term| fill(&paged, [("keyword", percent_encoded(term, encoding).as_str())])).collect()
}

/// The address of one post by a template over `{base}`, `{id}` and `{url}`.
#[must_use]
pub fn of_post(template: Option<&str>, base: &str, id: &str, url: &str) -> Option<String> {
    let address = match template {
        Some(template) => {
            fill(template, [("base", base), ("id", percent_encoded(id, "utf-8").as_str()), ("url", url)])
        }
        None => url.to_owned(),
    };
    address.starts_with("http").then_some(address)
}

/// Every byte but the unreserved ones as `%XX`, in the charset that the site reads.
fn percent_encoded(text: &str, encoding: &str) -> String {
    let encoding = encoding_rs::Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let (bytes, ..) = encoding.encode(text);
    bytes.iter().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([*byte]));
        }
        encoded
    })
}
