//! What kind of file it is: by its first bytes, for a wrong ending is common; by its ending where bytes
//! do not tell.

use super::super::LineFault;
use super::of_file;

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Lines,
    Csv,
    Xlsx,
}

/// The parcel format of .xlsx (ZIP), an empty parcel included.
const PARCELS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// The container of .xls, .et and of any workbook with a password (OLE).
const CONTAINER: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

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
    match ending.as_str() {
        "csv" => Ok(FileKind::Csv),
        "xlsx" | "xlsm" | "xltx" | "et" | "xls" => {
            Err(of_file("这不是 Excel 工作簿：文件可能没有存完、被加密软件加了密，或只是改了扩展名", SAVE))
        }
        _ => Ok(FileKind::Lines),
    }
}
