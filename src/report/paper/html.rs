//! A paper as HTML: a fragment for the console's print view and for mail. Every word is escaped here; the classes are the
//! console's, and without its style sheet the elements still read as a paper.

use std::fmt::Write as _;

use super::{
    Paper,
    markup::{Block, Words, plain},
};
use crate::report::xml::escaped;

/// The paper as the inside of an `<article>`.
#[must_use]
pub fn html(paper: &Paper) -> String {
    let mut out = String::new();
    let mut in_list = false;
    for block in &paper.blocks {
        let is_item = matches!(block, Block::Item(_));
        if is_item != in_list {
            out.push_str(if is_item { "<ul>" } else { "</ul>\n" });
            in_list = is_item;
        }
        one(&mut out, block, paper);
    }
    if in_list {
        out.push_str("</ul>\n");
    }
    out
}

/// The paper as a page of its own, to be opened from a file.
#[must_use]
pub fn page(paper: &Paper) -> String {
    let language = paper.locale.pick("zh-CN", "en");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style></head>\n\
         <body><article class=\"paper\">\n{}</article></body></html>\n",
        escaped(&paper.name),
        html(paper)
    )
}

/// What a page that stands alone looks like.
const STYLE: &str = "body{margin:2rem}.paper{max-width:50rem;margin:0 auto;font-family:FangSong,STFangsong,'Noto Serif CJK SC',SimSun,\
serif;line-height:1.75}.red-head{color:#b3141d;font-size:2rem;font-weight:700;text-align:center;letter-spacing:.3em;margin:0}.from{display:\
flex;justify-content:space-between}.red-head+.from{border-bottom:2px solid #b3141d}h1{text-align:center;font-size:1.3rem}h2{font-size:\
1.06rem}table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}.form \
th{width:8rem}.form td{height:2.4rem}figure{margin:.8rem 0}svg{max-width:100%}.signs{display:flex;justify-content:space-between;margin-top:2rem}";

// Writing to a string cannot fail, hence the `let _`.
fn one(out: &mut String, block: &Block, paper: &Paper) {
    let _ = match block {
        Block::Head(words) => writeln!(out, "<p class=\"red-head\">{}</p>", spans(words)),
        Block::Title(words) => writeln!(out, "<h1><bdi>{}</bdi></h1>", spans(words)),
        Block::Line(cells) => writeln!(out, "<p class=\"from\">{}</p>", many(cells, "span")),
        Block::Heading(words) => writeln!(out, "<h2>{}</h2>", spans(words)),
        Block::Lead(heading, words) => {
            writeln!(out, "<h2>{}</h2>\n<p><bdi>{}</bdi></p>", spans(heading), spans(words))
        }
        Block::Text(words) => writeln!(out, "<p><bdi>{}</bdi></p>", spans(words)),
        Block::Quote(words) => writeln!(out, "<blockquote><p><bdi>{}</bdi></p></blockquote>", spans(words)),
        Block::Item(words) => writeln!(out, "<li><bdi>{}</bdi></li>", spans(words)),
        Block::Table { head, rows } => {
            let _ =
                writeln!(out, "<table class=\"list\"><thead><tr>{}</tr></thead><tbody>", many(head, "th"));
            for row in rows {
                let _ = writeln!(out, "<tr>{}</tr>", row_of(row));
            }
            writeln!(out, "</tbody></table>")
        }
        Block::Form(fields) => {
            out.push_str("<table class=\"form\"><tbody>\n");
            for (field, value) in fields {
                let _ = writeln!(
                    out,
                    "<tr><th scope=\"row\">{}</th><td><bdi>{}</bdi></td></tr>",
                    spans(field),
                    spans(value)
                );
            }
            writeln!(out, "</tbody></table>")
        }
        Block::Drawing(name) => match paper.drawing(name) {
            Some(chart) => writeln!(
                out,
                "<figure class=\"chart large\"><figcaption>{} <b>{}</b></figcaption>{}</figure>",
                escaped(chart.title),
                escaped(&chart.last),
                chart.svg()
            ),
            None => Ok(()),
        },
        Block::Signs(cells) => writeln!(out, "<footer class=\"signs\">{}</footer>", many(cells, "p")),
    };
}

fn many(cells: &[Words], element: &str) -> String {
    cells.iter().map(|cell| format!("<{element}>{}</{element}>", spans(cell))).collect()
}

/// The cells of a row; figures are marked, so that they stand right and are not broken.
fn row_of(cells: &[Words]) -> String {
    let is_figure = |text: &str| {
        text.chars().any(|c| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || ",.%+".contains(c))
    };
    let cell = |cell: &Words| {
        let class = if is_figure(&plain(cell)) { " class=\"n\"" } else { "" };
        format!("<td{class}>{}</td>", spans(cell))
    };
    cells.iter().map(cell).collect()
}

fn spans(words: &Words) -> String {
    let span = |text: &str, bold: bool| match bold {
        true => format!("<b>{}</b>", escaped(text)),
        false => escaped(text),
    };
    words.iter().map(|one| span(&one.text, one.bold)).collect()
}

/// The title of a paper, without marks; empty when it has none.
#[must_use]
pub fn title(paper: &Paper) -> String {
    let title = paper.blocks.iter().find_map(|block| match block {
        Block::Title(words) => Some(plain(words)),
        _ => None,
    });
    title.unwrap_or_default()
}
