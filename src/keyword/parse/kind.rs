//! What kind of file it is: by its first bytes, for a wrong ending is common; by its ending where bytes
//! do not tell.

use super::super::LineFault;
use super::of_file;
use crate::text::decode_office_file;

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Lines of text.
    Lines,
    /// A .csv.
    Csv,
    /// An .xlsx.
    Xlsx,
}

/// The parcel format of .xlsx (ZIP), an empty parcel included.
const PARCELS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// The container of .xls, .et and of any workbook with a password (OLE).
const CONTAINER: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Files that are renamed by mistake, by their first bytes.
const FOREIGN: [(&[u8], &str); 9] = [
    (b"\x89PNG", "一张图片（PNG）"),
    (b"\xFF\xD8\xFF", "一张图片（JPEG）"),
    (b"GIF8", "一张图片（GIF）"),
    (b"%PDF", "PDF 文档"),
    (b"{\\rtf", "写字板的 RTF 文档"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xBC\xAF", "压缩包（7z）"),
    (b"\x1F\x8B\x08", "压缩包（gzip）"),
    (b"SQLite format 3", "数据库文件"),
];
/// How a page of the web begins; many programs export one under another ending.
const PAGES: [&str; 4] = ["<!doctype", "<html", "<table", "<?xml"];
/// Control characters from which on, and of so many bytes one, a file is no text: a damaged line of a list
/// has one or two and is told with its line.
const CONTROLS: usize = 3;
const BYTES_A_CONTROL: usize = 50;

/// What is said once of a file that holds no lines of text, instead of once a line.
fn no_text(bytes: &[u8]) -> Option<LineFault> {
    const SAVE: &str = "检查是否放错了文件；名单用记事本写，一行一个词，另存为 .txt，编码选 UTF-8";
    if let Some((_, what)) = FOREIGN.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Some(of_file(format!("这是{what}，不是关键词名单"), SAVE));
    }
    let text = decode_office_file(bytes).text;
    let head: String = text.trim_start().chars().take(9).flat_map(char::to_lowercase).collect();
    if PAGES.iter().any(|mark| head.starts_with(mark)) {
        return Some(of_file(
            "这是网页（HTML），不是关键词名单",
            "用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”",
        ));
    }
    let is_control = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{C}' | '\u{1A}');
    let n_controls = text.chars().filter(is_control).count();
    (n_controls >= CONTROLS && n_controls * BYTES_A_CONTROL >= bytes.len()).then(|| {
        of_file(
            "这不是文本文件：可能是别的文件改了扩展名，被加密软件加了密，或编码无法识别",
            "用记事本打开看看是不是名单；是的话“另存为”，编码选 UTF-8",
        )
    })
}

/// Tells the kind of a file.
///
/// # Errors
/// What kind of file it is that cannot be read, and how to save it instead.
pub(super) fn of(file: &str, bytes: &[u8]) -> Result<FileKind, LineFault> {
    const SAVE: &str = "用 Excel 或 WPS 打开，“另存为”，类型选“Excel 工作簿（*.xlsx）”";
    if PARCELS.iter().any(|mark| bytes.starts_with(mark)) {
        return Ok(FileKind::Xlsx);
    }
    if bytes.starts_with(CONTAINER) {
        let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let locked = bytes.windows(wide.len()).any(|part| part == wide.as_slice());
        return Err(if locked {
            of_file("这个工作簿加了密码，读不了", "用 Excel 或 WPS 打开，取消密码后保存")
        } else {
            of_file("这是旧的 .xls（或 .et）格式，读不了", SAVE)
        });
    }
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let is_workbook = matches!(ending.as_str(), "xlsx" | "xlsm" | "xltx" | "et" | "xls");
    if let Some(fault) = if is_workbook { None } else { no_text(bytes) } {
        return Err(fault);
    }
    match ending.as_str() {
        "csv" => Ok(FileKind::Csv),
        _ if is_workbook => {
            Err(of_file("这不是 Excel 工作簿：文件可能没有存完、被加密软件加了密，或只是改了扩展名", SAVE))
        }
        _ => Ok(FileKind::Lines),
    }
}
