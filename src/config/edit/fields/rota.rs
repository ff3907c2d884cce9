//! A duty rota of `rota.toml` as forms show and change it: the week, the deputy, and the swaps one by one.

use std::str::FromStr as _;

use jiff::civil::Date;
use toml_edit::{Array, ArrayOfTables, Datetime, InlineTable, Item, Table, TableLike, Value};

use super::{FieldError, parse, push, put, put_text, seen, tables, take_out, text};
use crate::config::week::WEEK;

/// The key of the file's tables.
const TABLE: &str = "rota";

/// Which rota: the name of the plan, and the unit whose own it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RotaKey {
    /// Name of the unit; empty: of all units.
    pub unit: String,
    /// The name of the plan that somebody stands behind.
    pub contact: String,
}

/// Days on which somebody stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapFields {
    /// First day of duty, `2026-10-01`.
    pub from: String,
    /// Last day of duty.
    pub to: String,
    /// Who stands in.
    pub who: String,
}

/// A rota as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RotaFields {
    /// Name and unit.
    pub key: RotaKey,
    /// When one day of duty ends, `08:30`; empty: at midnight.
    pub handover: String,
    /// Who, from Monday on; empty: the contact of the rota's name.
    pub week: [String; 7],
    /// Who is told when the one on duty cannot be reached.
    pub deputy: String,
    /// Exceptions, in their order. Forms change them one by one.
    pub swaps: Vec<SwapFields>,
}

impl RotaFields {
    fn of(table: &dyn TableLike) -> Self {
        let mut week: [String; 7] = Default::default();
        if let Some(days) = table.get("week").and_then(Item::as_table_like) {
            for (slot, (id, chinese, _)) in week.iter_mut().zip(WEEK) {
                let who = if days.contains_key(chinese) { text(days, chinese) } else { text(days, id) };
                who.clone_into(slot);
            }
        }
        Self {
            key: key_of(table),
            handover: text(table, "handover").to_owned(),
            week,
            deputy: text(table, "deputy").to_owned(),
            swaps: swaps_of(table),
        }
    }
}

fn key_of(table: &dyn TableLike) -> RotaKey {
    RotaKey { unit: text(table, "unit").to_owned(), contact: text(table, "contact").to_owned() }
}

fn swaps_of(table: &dyn TableLike) -> Vec<SwapFields> {
    match table.get("swaps") {
        Some(Item::ArrayOfTables(tables)) => tables.iter().map(|one| swap_of(one)).collect(),
        Some(Item::Value(Value::Array(array))) => {
            array.iter().filter_map(Value::as_inline_table).map(|one| swap_of(one)).collect()
        }
        _ => Vec::new(),
    }
}

fn swap_of(table: &dyn TableLike) -> SwapFields {
    let day = |key| match table.get(key).and_then(Item::as_value) {
        Some(Value::Datetime(day)) => day.value().to_string(),
        Some(Value::String(day)) => day.value().trim().to_owned(),
        _ => String::new(),
    };
    SwapFields { from: day("from"), to: day("to"), who: text(table, "who").to_owned() }
}

/// All rotas of a text, in their order.
///
/// # Errors
/// [`FieldError::Broken`].
pub fn all(text: &str) -> Result<Vec<RotaFields>, FieldError> {
    let document = parse(text)?;
    Ok(seen(&document, TABLE).into_iter().map(|table| RotaFields::of(table)).collect())
}

/// A rota as a text writes it; `None` when it has none of this name.
#[must_use]
pub fn find(text: &str, key: &RotaKey) -> Option<RotaFields> {
    all(text).ok()?.into_iter().find(|rota| rota.key == *key)
}

/// The text with the week, handover and deputy of a rota changed, or with one more rota. Swaps stay as they are.
///
/// # Errors
/// The file is written in a way that forms do not change.
pub fn put_rota(text: &str, wanted: &RotaFields) -> Result<String, FieldError> {
    let mut document = parse(text)?;
    let tables = tables(document.as_table_mut(), TABLE)?;
    if let Some(table) = tables.iter_mut().find(|table| key_of(*table) == wanted.key) {
        write(table, wanted)?;
    } else {
        let mut table = Table::new();
        put(&mut table, "contact", Value::from(wanted.key.contact.as_str()));
        put_text(&mut table, "unit", &wanted.key.unit);
        write(&mut table, wanted)?;
        push(tables, table);
    }
    Ok(document.to_string())
}

fn write(table: &mut Table, wanted: &RotaFields) -> Result<(), FieldError> {
    put_text(table, "handover", &wanted.handover);
    let all_empty = wanted.week.iter().all(String::is_empty);
    if !table.contains_key("week") && !all_empty {
        table.insert("week", Item::Value(Value::InlineTable(InlineTable::new())));
    }
    if let Some(week) = table.get_mut("week") {
        let days = week.as_table_like_mut().ok_or_else(|| FieldError::Shape("week ".to_owned()))?;
        for (who, (id, chinese, _)) in wanted.week.iter().zip(WEEK) {
            let key = if days.contains_key(id) && !days.contains_key(chinese) { id } else { chinese };
            put_text(days, key, who);
        }
    }
    put_text(table, "deputy", &wanted.deputy);
    Ok(())
}

/// The text without a rota: its name stands for itself again.
///
/// # Errors
/// It is gone already.
pub fn remove_rota(text: &str, key: &RotaKey) -> Result<String, FieldError> {
    let mut document = parse(text)?;
    let at = seen(&document, TABLE).into_iter().position(|table| key_of(table) == *key);
    take_out(&mut document, TABLE, at.ok_or_else(|| FieldError::Gone(key.contact.clone()))?);
    Ok(document.to_string())
}

/// The text with one swap more at a rota's end, where it decides before those above it.
///
/// # Errors
/// A day that is none, a swap that is there already, or the rota is gone.
pub fn add_swap(text: &str, key: &RotaKey, swap: &SwapFields) -> Result<String, FieldError> {
    let days = [("从哪天", &swap.from), ("到哪天", &swap.to)].map(|(field, day)| {
        let read: Result<Date, _> = day.trim().parse();
        let why = || FieldError::field(field, format!("“{}”不是日期", day.trim()), "写成 2026-10-01");
        read.map_err(|_| why()).and_then(|day| Datetime::from_str(&day.to_string()).map_err(|_| why()))
    });
    let [from, to] = days;
    let (from, to) = (from?, to?);
    let mut document = parse(text)?;
    let table = rota_mut(tables(document.as_table_mut(), TABLE)?, key)?;
    if swaps_of(table).contains(swap) {
        return Err(FieldError::There(called(swap)));
    }
    let pairs =
        [("from", Value::from(from)), ("to", Value::from(to)), ("who", Value::from(swap.who.as_str()))];
    match table.entry("swaps").or_insert_with(|| Item::Value(Value::Array(Array::new()))) {
        Item::ArrayOfTables(swaps) => {
            let mut table = Table::new();
            pairs.into_iter().for_each(|(name, value)| put(&mut table, name, value));
            swaps.push(table);
        }
        Item::Value(Value::Array(swaps)) => {
            let mut table = InlineTable::new();
            pairs.into_iter().for_each(|(name, value)| drop(table.insert(name, value)));
            swaps.push(table);
        }
        _ => return Err(FieldError::Shape("swaps ".to_owned())),
    }
    Ok(document.to_string())
}

/// The text without a swap.
///
/// # Errors
/// It is gone already.
pub fn remove_swap(text: &str, key: &RotaKey, swap: &SwapFields) -> Result<String, FieldError> {
    let gone = || FieldError::Gone(called(swap));
    let mut document = parse(text)?;
    let table = rota_mut(tables(document.as_table_mut(), TABLE)?, key)?;
    let at = swaps_of(table).iter().position(|one| one == swap).ok_or_else(gone)?;
    match table.get_mut("swaps") {
        Some(Item::ArrayOfTables(swaps)) => drop(swaps.remove(at)),
        Some(Item::Value(Value::Array(swaps))) => drop(swaps.remove(at)),
        _ => return Err(gone()),
    }
    Ok(document.to_string())
}

fn called(swap: &SwapFields) -> String {
    format!("{} 至 {} {} 的换班", swap.from, swap.to, swap.who)
}

fn rota_mut<'d>(tables: &'d mut ArrayOfTables, key: &RotaKey) -> Result<&'d mut Table, FieldError> {
    let table = tables.iter_mut().find(|table| key_of(*table) == *key);
    table.ok_or_else(|| FieldError::Gone(format!("{} 的值班表", key.contact)))
}
