//! What stands side by side: tables, forms, the line under a title, places to sign.

use super::{
    super::markup::{Span, Words, plain},
    measure::{TEXT, shares, width},
    runs::{Face, Pen, paragraph},
};

/// Left and right of what stands in a cell, in twentieths of a point.
const PAD: u32 = 90;
/// A column of at most so many hundredths of a character stays as wide as it is.
const SHORT: u32 = 850;
/// A longer one counts as wide as this at most.
const LONG: u32 = 2_400;
/// Height of an empty field, 20 mm, and of one with words, 11 mm.
const EMPTY: u32 = 1_134;
const FILLED: u32 = 624;
/// A row of more lines than this may be broken between two pages.
const WHOLE: u32 = 12;

/// The red rule below the line under a red head.
pub(super) fn rule() -> &'static str {
    "<w:tblBorders><w:bottom w:val=\"single\" w:sz=\"18\" w:space=\"0\" w:color=\"FF0000\"/></w:tblBorders>"
}

const LINES: &str = "<w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>\
     <w:left w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>\
     <w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>\
     <w:right w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>\
     <w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>\
     <w:insideV w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/></w:tblBorders>";

/// How the words of a cell stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Left,
    Middle,
    Right,
}

impl Stand {
    const fn property(self) -> &'static str {
        match self {
            Self::Left => "<w:jc w:val=\"left\"/>",
            Self::Middle => "<w:jc w:val=\"center\"/>",
            Self::Right => "<w:jc w:val=\"right\"/>",
        }
    }
}

/// Size of what stands in tables: 四号, and no larger than the words around them. Half points.
fn of_tables(pen: Pen<'_>) -> u32 {
    pen.page.text.min(28)
}

/// A table whose head is repeated on every page.
pub(super) fn table(pen: Pen<'_>, head: &[Words], rows: &[Vec<Words>], kept: &str) -> String {
    if head.is_empty() {
        return String::new();
    }
    // Many columns take smaller words: 四号, 小四, 小五; half points.
    let size = match head.len() {
        0..=6 => of_tables(pen),
        7..=9 => of_tables(pen).min(24),
        _ => 18,
    };
    let columns: Vec<Column> = (0..head.len()).map(|at| Column::of(at, head, rows)).collect();
    let widths = widths(&columns, size);
    let mut out = opening(LINES, PAD, &widths);
    let of_head = Cell { style: "TableHead", stand: Stand::Middle, size, ..Cell::default() };
    let cells = head
        .iter()
        .zip(&widths)
        .map(|(words, width)| Cell { width: *width, ..of_head }.with(&pen.runs(words, Face::Name(size))));
    out.push_str(&row("<w:cantSplit/><w:tblHeader/>", cells));
    for (number, words) in (1..).zip(rows) {
        let kept = if number == rows.len() { kept } else { "" };
        let lines = words.iter().zip(&widths).map(|(words, wide)| lines(words, *wide, size)).max();
        let whole = if lines.unwrap_or(0) <= WHOLE { "<w:cantSplit/>" } else { "" };
        let cells = widths.iter().zip(&columns).enumerate().map(|(at, (width, column))| {
            let runs = words.get(at).map(|words| pen.runs(words, Face::Cell(size))).unwrap_or_default();
            Cell { width: *width, stand: column.stand, size, kept, ..Cell::default() }.with(&runs)
        });
        out.push_str(&row(whole, cells));
    }
    out.push_str("</w:tbl>\n");
    out
}

/// A form: names of fields on the left, what is known on the right; what is empty has room for the pen.
pub(super) fn fields(pen: Pen<'_>, named: &[(Words, Words)], kept: &str) -> String {
    let size = of_tables(pen);
    if named.is_empty() {
        return String::new();
    }
    let longest = named.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let left = (longest.saturating_mul(size) / 10 + 2 * PAD + 60).clamp(1_500, 2_600);
    let widths = [left, TEXT - left];
    let mut out = opening(LINES, PAD, &widths);
    for (number, (name, value)) in (1..).zip(named) {
        let kept = if number == named.len() { kept } else { "" };
        let high = if plain(value).trim().is_empty() { EMPTY } else { FILLED };
        let whole = if lines(value, TEXT - left, size) <= WHOLE { "<w:cantSplit/>" } else { "" };
        let height = format!("{whole}<w:trHeight w:val=\"{high}\" w:hRule=\"atLeast\"/>");
        let cells = [
            Cell { width: left, style: "FieldName", stand: Stand::Middle, size, kept, ..Cell::default() }
                .with(&pen.runs(name, Face::Name(size))),
            Cell { width: TEXT - left, size, kept, ..Cell::default() }
                .with(&pen.runs(value, Face::Cell(size))),
        ];
        out.push_str(&row(&height, cells.into_iter()));
    }
    out.push_str("</w:tbl>\n");
    out
}

/// Words spread over the width of the text, without lines; one alone stands in the middle.
pub(super) fn side_by_side(pen: Pen<'_>, cells: &[Words], lines: &str, kept: &str) -> String {
    if cells.is_empty() {
        return String::new();
    }
    // A character more, for fonts that are wider than usual.
    let character = pen.page.character();
    let want = |cell: &Words| width(cell).clamp(100, LONG * 2) * character / 100 + character;
    let wants: Vec<u32> = cells.iter().map(want).collect();
    let equal = shares(TEXT, &vec![1; wants.len()]);
    let widths = if wants.iter().zip(&equal).all(|(want, equal)| want <= equal) {
        equal
    } else {
        // The same room on both sides of what stands in the middle.
        let spare = shares(TEXT.saturating_sub(wants.iter().sum()), &vec![1; wants.len()]);
        shares(TEXT, &wants.iter().zip(spare).map(|(want, spare)| want + spare).collect::<Vec<_>>())
    };
    let last = cells.len().saturating_sub(1);
    let stand = |at: usize| match at {
        _ if last == 0 => Stand::Middle,
        0 => Stand::Left,
        at if at == last => Stand::Right,
        _ => Stand::Middle,
    };
    let mut out = opening(lines, 0, &widths);
    let cells = cells.iter().zip(&widths).enumerate().map(|(at, (words, width))| {
        Cell { width: *width, stand: stand(at), kept, size: pen.page.text, ..Cell::default() }
            .with(&pen.runs(words, Face::Text))
    });
    out.push_str(&row("<w:cantSplit/>", cells));
    out.push_str("</w:tbl>\n");
    out
}

/// Places to sign, each with a line below it.
pub(super) fn signs(pen: Pen<'_>, places: &[Words], kept: &str) -> String {
    const GAP: u32 = 240;
    if places.is_empty() {
        return String::new();
    }
    let line =
        "<w:tcBorders><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/></w:tcBorders>";
    let count = u32::try_from(places.len()).unwrap_or(1).max(1);
    let places_width = TEXT.saturating_sub((count - 1) * GAP);
    let own = shares(places_width, &vec![1; places.len()]);
    let (size, (_, high)) = (pen.page.text, pen.page.signs);
    let (mut widths, mut cells) = (Vec::new(), Vec::new());
    for (words, width) in places.iter().zip(own) {
        if !cells.is_empty() {
            widths.push(GAP);
            cells.push(Cell { width: GAP, size, ..Cell::default() }.with(""));
        }
        widths.push(width);
        cells.push(
            Cell { width, lines: line, kept, size, ..Cell::default() }.with(&pen.runs(words, Face::Text)),
        );
    }
    let height = format!("<w:cantSplit/><w:trHeight w:val=\"{high}\" w:hRule=\"atLeast\"/>");
    format!("{}{}</w:tbl>\n", opening("", 0, &widths), row(&height, cells.into_iter()))
}

/// What is asked of a column.
#[derive(Debug)]
struct Column {
    /// Hundredths of a character.
    wide: u32,
    stand: Stand,
}

impl Column {
    fn of(at: usize, head: &[Words], rows: &[Vec<Words>]) -> Self {
        let below = || rows.iter().filter_map(|row| row.get(at));
        let widest = below().map(|words| width(words)).max().unwrap_or(0);
        let is_figure =
            |words: &Words| plain(words).chars().all(|c| c.is_ascii_digit() || ",.%+-—– ".contains(c));
        let stand = match widest {
            _ if widest > 0 && below().all(is_figure) => Stand::Right,
            _ if widest <= SHORT => Stand::Middle,
            _ => Stand::Left,
        };
        Self { wide: widest.max(head.get(at).map_or(0, |words| width(words))).clamp(200, LONG), stand }
    }
}

/// Short columns take what they need if that is not most of the width; the long ones share the rest.
fn widths(columns: &[Column], size: u32) -> Vec<u32> {
    let need = |column: &Column| column.wide * size / 10 + 2 * PAD + 20;
    let needs: Vec<u32> = columns.iter().map(need).collect();
    let short = |column: &Column| column.wide <= SHORT;
    let taken: u32 =
        columns.iter().zip(&needs).filter(|(column, _)| short(column)).map(|(_, need)| *need).sum();
    if needs.iter().sum::<u32>() <= TEXT || taken * 3 > TEXT * 2 || columns.iter().all(short) {
        return shares(TEXT, &needs);
    }
    let long: Vec<u32> = columns.iter().map(|column| if short(column) { 0 } else { column.wide }).collect();
    let mut rest = shares(TEXT - taken, &long);
    // What rounding left went to the last column, which may be a short one.
    for ((wide, need), column) in rest.iter_mut().zip(&needs).zip(columns) {
        if short(column) {
            *wide += need;
        }
    }
    rest
}

/// Lines that words take in a column.
fn lines(words: &[Span], wide: u32, size: u32) -> u32 {
    (width(words).saturating_mul(size) / 10).div_ceil(wide.saturating_sub(2 * PAD).max(1))
}

/// The beginning of a table of these columns.
fn opening(lines: &str, pad: u32, widths: &[u32]) -> String {
    let high = pad / 2;
    let grid: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/>{lines}<w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar><w:top w:w=\"{high}\" w:type=\"dxa\"/><w:left w:w=\"{pad}\" w:type=\"dxa\"/>\
         <w:bottom w:w=\"{high}\" w:type=\"dxa\"/><w:right w:w=\"{pad}\" w:type=\"dxa\"/></w:tblCellMar>\
         </w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
        widths.iter().sum::<u32>()
    )
}

fn row(properties: &str, cells: impl Iterator<Item = String>) -> String {
    format!("<w:tr><w:trPr>{properties}</w:trPr>{}</w:tr>\n", cells.collect::<String>())
}

/// A cell.
#[derive(Debug, Clone, Copy)]
struct Cell<'a> {
    width: u32,
    lines: &'a str,
    style: &'a str,
    stand: Stand,
    /// Half points.
    size: u32,
    /// Whether its row stays on the page of what follows.
    kept: &'a str,
}

impl Default for Cell<'_> {
    fn default() -> Self {
        Self { width: TEXT, lines: "", style: "TableText", stand: Stand::Left, size: 28, kept: "" }
    }
}

impl Cell<'_> {
    fn with(self, runs: &str) -> String {
        // A line is a little over one and a half times as high as its words.
        let line = format!(
            "{}<w:spacing w:line=\"{}\" w:lineRule=\"exact\"/>{}",
            self.kept,
            self.size * 16,
            self.stand.property()
        );
        let (width, lines, words) = (self.width, self.lines, paragraph(self.style, &line, runs));
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{lines}<w:vAlign w:val=\"center\"/></w:tcPr>{words}</w:tc>"
        )
    }
}
