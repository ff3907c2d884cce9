//! The fields of a form, which may come several times, each cleaned: one line without control characters.

use url::form_urlencoded;

use super::view::clean;

/// Fields in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn of(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).map(|(name, value)| (name.into_owned(), clean(&value))).collect())
    }

    /// The first of a name; empty when it did not come.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map(|field| field.1.as_str()).unwrap_or_default()
    }

    /// The same, but no longer than so many characters.
    pub fn short(&self, name: &str, most: usize) -> String {
        self.get(name).chars().take(most).collect()
    }

    /// All of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |field| field.0 == name).map(|field| field.1.as_str())
    }

    /// Those whose names begin so, with the rest of the name.
    pub fn beginning<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |field| Some((field.0.strip_prefix(prefix)?, field.1.as_str())))
    }
}

/// A field as it was typed, blanks and line ends and all.
pub(super) fn typed(form: &[u8], name: &str) -> String {
    let mut fields = form_urlencoded::parse(form);
    fields.find(|field| field.0 == name).map(|field| field.1.into_owned()).unwrap_or_default()
}
