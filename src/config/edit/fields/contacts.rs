//! A contact of `contacts.toml` as a form shows and changes it.

use toml_edit::{Array, Table, TableLike, Value};

use super::{FieldError, parse, push, put, put_text, put_texts, seen, tables, take_out, text, texts};

/// The key of the file's tables.
const TABLE: &str = "contact";

/// Which contact: its name, and the unit whose own it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactKey {
    /// Name of the unit; empty: of all units.
    pub unit: String,
    /// The name that plans use.
    pub name: String,
}

/// A contact as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFields {
    /// Name and unit.
    pub key: ContactKey,
    /// Who that is today.
    pub person: String,
    /// Mailbox.
    pub email: String,
    /// Number.
    pub phone: String,
    /// Name of a robot.
    pub robot: String,
    /// Name of a webhook.
    pub webhook: String,
    /// Topic of the ntfy server.
    pub ntfy: String,
    /// Channels as written, by id or word, in their order.
    pub channels: Vec<String>,
    /// How much may be said, by id or word; empty: as usual.
    pub detail: String,
}

impl ContactFields {
    fn of(table: &dyn TableLike) -> Self {
        let own = |key| text(table, key).to_owned();
        Self {
            key: key_of(table),
            person: own("person"),
            email: own("email"),
            phone: own("phone"),
            robot: own("robot"),
            webhook: own("webhook"),
            ntfy: own("ntfy"),
            channels: texts(table, "channels"),
            detail: own("detail"),
        }
    }
}

fn key_of(table: &dyn TableLike) -> ContactKey {
    ContactKey { unit: text(table, "unit").to_owned(), name: text(table, "name").to_owned() }
}

/// All contacts of a text, in their order.
///
/// # Errors
/// [`FieldError::Broken`].
pub fn all(text: &str) -> Result<Vec<ContactFields>, FieldError> {
    let document = parse(text)?;
    Ok(seen(&document, TABLE).into_iter().map(|table| ContactFields::of(table)).collect())
}

/// A contact as a text writes it; `None` when it has none of this name.
#[must_use]
pub fn find(text: &str, key: &ContactKey) -> Option<ContactFields> {
    all(text).ok()?.into_iter().find(|contact| contact.key == *key)
}

/// The text with a contact changed, or with one more when `old` is `None`.
///
/// # Errors
/// The contact that is to be changed is gone, or the name that it is to have is another's.
pub fn put_contact(
    text: &str,
    old: Option<&ContactKey>,
    wanted: &ContactFields,
) -> Result<String, FieldError> {
    let mut document = parse(text)?;
    let taken = seen(&document, TABLE).into_iter().any(|table| key_of(table) == wanted.key);
    if taken && old != Some(&wanted.key) {
        return Err(FieldError::There(wanted.key.name.clone()));
    }
    let tables = tables(document.as_table_mut(), TABLE)?;
    match old {
        Some(old) => {
            let table = tables.iter_mut().find(|table| key_of(*table) == *old);
            write(table.ok_or_else(|| FieldError::Gone(old.name.clone()))?, wanted);
        }
        None => {
            let mut table = Table::new();
            write(&mut table, wanted);
            push(tables, table);
        }
    }
    Ok(document.to_string())
}

fn write(table: &mut Table, wanted: &ContactFields) {
    if text(table, "name") != wanted.key.name {
        put(table, "name", Value::from(wanted.key.name.as_str()));
    }
    for (key, wanted) in [
        ("unit", &wanted.key.unit),
        ("person", &wanted.person),
        ("email", &wanted.email),
        ("phone", &wanted.phone),
        ("robot", &wanted.robot),
        ("webhook", &wanted.webhook),
        ("ntfy", &wanted.ntfy),
    ] {
        put_text(table, key, wanted);
    }
    if wanted.channels.is_empty() && !table.contains_key("channels") {
        // What is empty can be told to be; what is not there has no place.
        put(table, "channels", Value::Array(Array::new()));
    }
    put_texts(table, "channels", &wanted.channels);
    put_text(table, "detail", &wanted.detail);
}

/// The text without a contact.
///
/// # Errors
/// It is gone already.
pub fn remove_contact(text: &str, key: &ContactKey) -> Result<String, FieldError> {
    let mut document = parse(text)?;
    let at = seen(&document, TABLE).into_iter().position(|table| key_of(table) == *key);
    take_out(&mut document, TABLE, at.ok_or_else(|| FieldError::Gone(key.name.clone()))?);
    Ok(document.to_string())
}
