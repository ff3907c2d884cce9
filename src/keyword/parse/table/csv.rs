//! A .csv to one sheet. Rows are counted as Excel counts them: a record may go over several lines, and an
//! empty line is a row.

use ::csv::{ReaderBuilder, StringRecord};

use super::super::super::LineFault;
use super::super::{Reader, of_file};
use super::value::Value;
use super::{Row, Sheet, header, of_row};

/// Most rows of a .csv.
const MOST_ROWS: u32 = 200_000;
/// What may divide columns: Chinese Excel writes commas, its "Unicode text" tabs, some programs semicolons.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];
/// Lines in which the header is looked for.
const HEAD: usize = 10;

/// Reads the cells; what is wrong with single rows goes to `reader`.
pub(super) fn sheet(reader: &mut Reader, text: &str) -> Result<Sheet, LineFault> {
    let (text, named) = match text.split_once('\n').and_then(|(first, rest)| Some((separator(first)?, rest)))
    {
        // Excel's own way to name the separator; the line is a row of its own.
        Some((delimiter, rest)) => (rest, Some(delimiter)),
        None => (text, None),
    };
    let delimiter = named.map_or_else(|| delimiter(text), Ok)?;
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut sheet = Sheet::default();
    let mut record = StringRecord::new();
    let mut number = u32::from(named.is_some());
    loop {
        let from = usize::try_from(records.position().byte()).unwrap_or(usize::MAX);
        let rest = text.get(from..).unwrap_or_default();
        // Empty lines are rows, which the records leave out.
        let empty = rest.bytes().take_while(|b| *b == b'\n').count();
        number = number.saturating_add(u32::try_from(empty).unwrap_or(u32::MAX)).saturating_add(1);
        match records.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(sheet),
            Err(error) => {
                return Err(of_file(format!("读不了这个 csv 文件: {error}"), "用 Excel 打开，另存为 .xlsx"));
            }
        }
        if number > MOST_ROWS {
            return Err(of_file(format!("表格超过 {MOST_ROWS} 行"), "请分成几个文件"));
        }
        let to = usize::try_from(records.position().byte()).unwrap_or(usize::MAX);
        let raw = text.get(from..to).unwrap_or_default();
        if raw.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
            reader.faults.push(of_row(
                number,
                raw.trim_start_matches('\n'),
                "英文双引号没有成对，从这里起的内容会连成一格",
                "删去多余的双引号，或用 Excel 另存一次；双引号在 csv 里要成对，内容里的要写两个",
            ));
        }
        let cells: Vec<(u32, Value)> =
            (1u32..).zip(&record).filter_map(|(column, text)| Some((column, Value::of_csv(text)?))).collect();
        if !cells.is_empty() {
            sheet.rows.push(Row { number, cells });
        }
    }
}

/// `sep=;`, as Excel reads it in the first line.
fn separator(line: &str) -> Option<u8> {
    match line.trim().trim_matches('"').strip_prefix("sep=")?.as_bytes() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What divides the columns: that which makes most of the header known, else the comma, else the tab.
fn delimiter(text: &str) -> Result<u8, LineFault> {
    let head: Vec<&str> = text.lines().take(HEAD).collect();
    let known =
        |mark: char| head.iter().map(|line| header::known(line.split(mark))).max().unwrap_or_default();
    let best = DELIMITERS.into_iter().rev().max_by_key(|mark| known(char::from(*mark))).unwrap_or(b',');
    if known(char::from(best)) >= 2 {
        return Ok(best);
    }
    let wide = (1u32..).zip(&head).find(|(_, line)| header::known(line.split('，')) >= 2);
    if let Some((number, line)) = wide {
        let hint = "改成英文逗号；或用 Excel 打开重新排好各列，另存为 .xlsx";
        return Err(of_row(number, line, "各列之间用的是中文逗号", hint));
    }
    Ok(if !text.contains(',') && text.contains('\t') { b'\t' } else { b',' })
}
