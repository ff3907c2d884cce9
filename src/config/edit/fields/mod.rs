//! Changes of the office's TOML files by forms: a contact, a swap, a day off, a limit. Each is a function from a text to a
//! text that leaves comments, order and everything else as it stands; whether the new text would do is said by the same
//! check that every save goes through, never here. What was typed becomes a value and is never read as TOML.

pub mod contacts;
pub mod holidays;
pub mod limits;
pub mod rota;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TableLike, Value, value};

/// Why a form's change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The file is no TOML just now.
    #[error("这个文件现在有写错的地方，表单改不了；先在“编辑文件”里改好")]
    Broken,
    /// It is written in a way that forms do not change.
    #[error("{0}写成了表单改不了的样子，请在“编辑文件”里改")]
    Shape(String),
    /// What is to be changed is not there any more.
    #[error("{0}已经不在文件里了，可能刚被别人改过。请刷新这一页再看")]
    Gone(String),
    /// There is one of the same name already.
    #[error("已经有 {0} 了。请改原来的那一处，或另起名称")]
    There(String),
    /// A field cannot be used as it was typed.
    #[error("{field}: {why}。{mend}")]
    Field {
        /// As the form calls it.
        field: String,
        /// What is wrong.
        why: String,
        /// How it is mended.
        mend: String,
    },
}

impl FieldError {
    fn field(field: &str, why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), why: why.into(), mend: mend.into() }
    }
}

fn parse(text: &str) -> Result<DocumentMut, FieldError> {
    text.parse().map_err(|_| FieldError::Broken)
}

/// The tables of `[[key]]`, made when there are none.
fn tables<'d>(top: &'d mut dyn TableLike, key: &str) -> Result<&'d mut ArrayOfTables, FieldError> {
    let item = top.entry(key).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut().ok_or_else(|| FieldError::Shape(format!("[[{key}]] ")))
}

/// The same for looking only; nothing when there are none.
fn seen<'d>(document: &'d DocumentMut, key: &str) -> Vec<&'d Table> {
    document.get(key).and_then(Item::as_array_of_tables).into_iter().flatten().collect()
}

fn text<'t>(table: &'t dyn TableLike, key: &str) -> &'t str {
    table.get(key).and_then(Item::as_str).map(str::trim).unwrap_or_default()
}

fn texts(table: &dyn TableLike, key: &str) -> Vec<String> {
    match table.get(key).and_then(Item::as_value) {
        Some(Value::Array(array)) => {
            array.iter().filter_map(Value::as_str).map(|one| one.trim().to_owned()).collect()
        }
        Some(Value::String(one)) => vec![one.value().trim().to_owned()],
        _ => Vec::new(),
    }
}

/// Writes a text where it differs from what stands there; an empty one takes the key out. What stands around the value
/// stays.
fn put_text(table: &mut dyn TableLike, key: &str, wanted: &str) {
    if text(table, key) == wanted && (!wanted.is_empty() || !table.contains_key(key)) {
        return;
    }
    match wanted {
        // `person = ""` is how the shipped file invites one to write.
        "" if text(table, key).is_empty() => {}
        "" => drop(table.remove(key)),
        _ => put(table, key, Value::from(wanted)),
    }
}

/// Writes a list of texts where it differs from what stands there.
fn put_texts(table: &mut dyn TableLike, key: &str, wanted: &[String]) {
    if texts(table, key) != wanted {
        put(table, key, wanted.iter().map(String::as_str).collect::<Array>().into());
    }
}

/// Writes a value, and keeps the comment behind it.
fn put(table: &mut dyn TableLike, key: &str, mut wanted: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        wanted.decor_mut().clone_from(old.decor());
    }
    table.insert(key, value(wanted));
}

/// Puts a new table behind the others, an empty line before it.
fn push(tables: &mut ArrayOfTables, mut table: Table) {
    table.decor_mut().set_prefix("\n");
    tables.push(table);
}

/// Takes a table out. The comment lines right above it go with it; what stands above an empty line stays, for it is about
/// more than this one (the head of the file is such).
fn take_out(document: &mut DocumentMut, key: &str, at: usize) {
    let Some(tables) = document.get_mut(key).and_then(Item::as_array_of_tables_mut) else { return };
    let Some(table) = tables.get(at) else { return };
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
    let stays = above.rsplit_once("\n\n").map(|(stays, _)| format!("{stays}\n")).unwrap_or_default();
    tables.remove(at);
    if stays.trim().is_empty() {
        return;
    }
    match tables.get_mut(at) {
        Some(next) => {
            let own = next.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
            next.decor_mut().set_prefix(format!("{stays}{own}"));
        }
        None => {
            let own = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(format!("{stays}{own}"));
        }
    }
}

/// A list with one text more at a place, laid out as its neighbours are.
fn insert_text(array: &mut Array, at: usize, wanted: &str) {
    let lines = array.iter().any(|one| {
        one.decor().prefix().and_then(|prefix| prefix.as_str()).is_some_and(|prefix| prefix.contains('\n'))
    });
    let mut one = Value::from(wanted);
    if lines {
        one.decor_mut().set_prefix("\n    ");
        array.set_trailing_comma(true);
        if array.trailing().as_str().is_none_or(|trailing| !trailing.contains('\n')) {
            array.set_trailing("\n");
        }
    } else if at > 0 {
        one.decor_mut().set_prefix(" ");
    }
    array.insert_formatted(at.min(array.len()), one);
    // What was the first of a short list begins behind a blank now.
    if !lines
        && at == 0
        && let Some(second) = array.get_mut(1)
    {
        second.decor_mut().set_prefix(" ");
    }
}
