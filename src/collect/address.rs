//! Addresses out of templates: `{keyword}` expands over the search terms, `{page}` over the pages.

use crate::config::source::fill;

/// A template without `{keyword}` as one address; else one for each term, percent-encoded in `encoding`.
/// `{page}` becomes `page`.
#[must_use]
pub fn expand(template: &str, terms: &[String], encoding: &str, page: u32) -> Vec<String> {
    if !template.contains("{keyword}") {
        return vec![of_page(template, None, encoding, page)];
    }
    terms.iter().map(|term| of_page(template, Some(term), encoding, page)).collect()
}

/// The address of one page of one term.
#[must_use]
pub fn of_page(template: &str, term: Option<&str>, encoding: &str, page: u32) -> String {
    let page = page.to_string();
    let term = term.map(|term| percent_encoded(term, encoding)).unwrap_or_default();
    fill(template, [("page", page.as_str()), ("keyword", term.as_str())])
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
