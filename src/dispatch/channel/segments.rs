//! How many text messages a text is billed and sent as.

/// One message holds 70 characters, any script; longer texts are cut into parts of 67, for each then
/// carries its place. Both clouds count so for numbers on the mainland, signature included
/// (<https://help.aliyun.com/document_detail/108086.html>, <https://cloud.tencent.com/document/product/382/18058>,
/// read 2026-11).
const ALONE: usize = 70;
const PART: usize = 67;

/// Parts of a text; 0 for an empty one.
#[must_use]
pub fn count(text: &str) -> u32 {
    // Characters outside of the basic plane take two places of UCS-2.
    let places = text.encode_utf16().count();
    let parts = if places <= ALONE { usize::from(places > 0) } else { places.div_ceil(PART) };
    u32::try_from(parts).unwrap_or(u32::MAX)
}
