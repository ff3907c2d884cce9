//! Looks through an .xlsx before it is opened: what it unpacks to, and what it claims to hold.
//!
//! A workbook is a parcel (ZIP) of XML files. Eight megabytes can unpack to gigabytes, and the number of
//! texts that it announces is believed by its reader, so both are checked against what is really there.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::super::super::LineFault;
use super::super::of_file;

/// Most files in a parcel.
const MOST_FILES: usize = 2_000;
/// Most bytes that it may unpack to: a sheet whose every row is coloured is that large.
const MOST_BYTES: u64 = 256 << 20;
/// Most bytes of its texts, which are all held at once.
const MOST_TEXT_BYTES: u64 = 64 << 20;
/// Most texts that it may announce.
const MOST_TEXTS: u64 = 4_000_000;

const HINT: &str = "用 Excel 或 WPS 打开检查，把关键词复制到新的工作簿，另存为 .xlsx";

/// Checks a parcel.
///
/// # Errors
/// It is not whole, no workbook, or unpacks to more than a list of words ever does.
pub(super) fn check(bytes: &[u8]) -> Result<(), LineFault> {
    let mut parcel = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if !parcel.file_names().flatten().any(|name| name.to_lowercase().ends_with("workbook.xml")) {
        let message = "这个压缩文件不是 Excel 工作簿（.xlsx）";
        return Err(of_file(message, "用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”"));
    }
    if parcel.len() > MOST_FILES {
        return Err(of_file("工作簿里的东西太多，不像关键词名单", HINT));
    }
    let mut left = MOST_BYTES;
    for at in 0..parcel.len() {
        let file = parcel.by_index(at).map_err(|_| broken())?;
        let name = file.name().map_err(|_| broken())?.to_lowercase();
        let texts = name.ends_with("sharedstrings.xml");
        let limit = if texts { left.min(MOST_TEXT_BYTES) } else { left };
        let unpacked = if texts { texts_of(file, limit)? } else { count(file, limit)? };
        left = left.saturating_sub(unpacked);
    }
    Ok(())
}

fn broken() -> LineFault {
    of_file(
        "工作簿不完整：可能还没有存完、没有拷完，或已损坏",
        "等存好以后再看；仍不行时，用 Excel 或 WPS 打开，另存一次",
    )
}

fn too_large() -> LineFault {
    of_file("工作簿展开后太大，不像关键词名单", HINT)
}

fn count(file: impl Read, limit: u64) -> Result<u64, LineFault> {
    let n = std::io::copy(&mut file.take(limit + 1), &mut std::io::sink()).map_err(|_| broken())?;
    if n > limit { Err(too_large()) } else { Ok(n) }
}

/// Reads the texts' file and checks how many it announces: its reader makes room for that many at once.
fn texts_of(file: impl Read, limit: u64) -> Result<u64, LineFault> {
    let mut bytes = Vec::new();
    let n = file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| broken())?;
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    if n > limit {
        return Err(too_large());
    }
    // A text of another encoding would hide the number; no program writes one.
    if bytes.contains(&0) || announced(&bytes).any(|texts| texts > MOST_TEXTS) {
        return Err(broken());
    }
    Ok(n)
}

/// The numbers that follow `uniqueCount`, with or without blanks and quotes between.
fn announced(bytes: &[u8]) -> impl Iterator<Item = u64> {
    const NAME: &[u8] = b"uniqueCount";
    let places = bytes.iter().enumerate().filter(|(_, b)| **b == b'u').map(|(at, _)| at);
    places.filter_map(|at| bytes.get(at..)?.strip_prefix(NAME)).map(|rest| {
        let digits = rest.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
        digits.fold(0u64, |sum, b| sum.saturating_mul(10).saturating_add(u64::from(b - b'0')))
    })
}
