//! Any bytes are a case folder, a changed one, or none; and so is a zip whose manifest and audit rows are any bytes.
#![no_main]

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use yuqing::{
    locale::Locale,
    report::folder::{MANIFEST, check::check},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip around a manifest and rows of the audit, so that what is tried is their reading.
fn around(manifest: &[u8], audit: &[u8]) -> Option<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("audit.jsonl", audit), ("incident.json", b"{}".as_slice()), (MANIFEST, manifest)] {
        zip.start_file(name, stored).ok()?;
        zip.write_all(bytes).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let file = if kind % 2 == 0 {
        bytes.to_vec()
    } else {
        let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let (manifest, audit) = bytes.split_at(at);
        let Some(zip) = around(manifest, audit.get(1..).unwrap_or_default()) else { return };
        zip
    };
    match check(Cursor::new(&file)) {
        Ok(checked) => {
            assert!(!checked.is_whole() || checked.manifest.is_some());
            for fault in &checked.faults {
                assert!(!fault.path.contains(char::is_control) && fault.path.chars().count() <= 121, "{}", fault.path);
            }
        }
        Err(why) => assert!(!why.words(Locale::ZhCn).is_empty()),
    }
});
