//! A special report (专报) is read at a glance, so it stands on one page: its words are set closer and, where there is more
//! to say than a page takes, quotations are shortened and lists cut; each list then says how much more the case's folder
//! has. Only where an office's own text fits no page however short its facts are does it come whole, on several.

use super::{
    super::{
        Density, Paper, PaperKind,
        docx::fits_a_page,
        texts::{Broken, Texts},
    },
    CaseFacts, said, written,
};
use crate::{
    locale::{Locale, When},
    report::chart::{Chart, Figure},
    store::IncidentView,
    text::beginning,
};

/// How much of the facts is said.
struct Room {
    density: Density,
    /// Characters of the title.
    gist: usize,
    /// Quotations, and characters of each.
    quoted: (usize, usize),
    /// Sites, and characters of each address that no quotation has already.
    sites: (usize, usize),
    /// Lines of a list, and characters of each.
    items: (usize, usize),
}

/// From the most to the least; the first that fits is taken. Words are shortened first, then made smaller, then left out.
const ROOMS: [Room; 6] = [
    Room { density: Density::Close, gist: 48, quoted: (2, 96), sites: (5, 120), items: (6, 72) },
    Room { density: Density::Closer, gist: 48, quoted: (2, 96), sites: (5, 120), items: (6, 72) },
    Room { density: Density::Closer, gist: 40, quoted: (2, 64), sites: (5, 80), items: (6, 48) },
    Room { density: Density::Closest, gist: 40, quoted: (2, 72), sites: (5, 80), items: (6, 60) },
    Room { density: Density::Closest, gist: 30, quoted: (2, 48), sites: (5, 0), items: (6, 40) },
    Room { density: Density::Closest, gist: 30, quoted: (1, 48), sites: (3, 0), items: (3, 32) },
];

pub(super) fn paper(
    view: &IncidentView,
    facts: &CaseFacts,
    texts: &Texts,
    when: &When,
) -> (Paper, Option<Broken>) {
    let drawn = |(id, figure): (&str, Figure)| Some((id.to_owned(), Chart::flat(view, when, figure)?));
    let drawings: Vec<(String, Chart)> = Figure::ALL.into_iter().filter_map(drawn).collect();
    for room in &ROOMS {
        let facts = shortened(facts.clone(), view, room, when);
        let (paper, broken) = written(&facts, PaperKind::Special, texts, when, drawings.clone());
        let paper = Paper { density: room.density, ..paper };
        if fits_a_page(&paper) {
            return (paper, broken);
        }
    }
    written(facts, PaperKind::Special, texts, when, drawings)
}

fn shortened(facts: CaseFacts, view: &IncidentView, room: &Room, when: &When) -> CaseFacts {
    let (number, most) = room.quoted;
    let mut facts = CaseFacts {
        gist: beginning(&facts.gist, room.gist),
        quotations: said::quotations(&view.posts, number, most, when),
        ..facts
    };
    let (most, long) = room.sites;
    facts.sites_left += facts.sites.len().saturating_sub(most);
    facts.sites.truncate(most);
    for site in &mut facts.sites {
        let is_quoted = facts.quotations.iter().any(|one| one.link == site.link);
        if !is_quoted && !site.link.is_empty() {
            site.link = match long {
                0 => when.locale.pick("链接见案卷", "address in the folder").to_owned(),
                long => beginning(&site.link, long),
            };
        }
    }
    let (most, long) = room.items;
    // Of what is unknown and what is owed the first lines matter most.
    for list in [&mut facts.unknowns, &mut facts.handling] {
        let left = list.len().saturating_sub(most);
        list.truncate(most);
        shorten(list, left, long, when.locale);
    }
    // Of what was done the first line says who was told, and the last ones how far it is.
    let left = facts.done.len().saturating_sub(most);
    facts.done.drain(1.min(facts.done.len())..(1 + left).min(facts.done.len()));
    shorten(&mut facts.done, left, long, when.locale);
    facts
}

/// Shortens each line, so that it can stand within a sentence, and says with the last one how many were left out.
fn shorten(list: &mut [String], left: usize, long: usize, locale: Locale) {
    for line in list.iter_mut() {
        *line = beginning(line.trim_end_matches(['。', '；', '.', ';']), long);
    }
    if let Some(last) = list.last_mut().filter(|_| left > 0) {
        last.push_str(&match locale {
            Locale::ZhCn => format!("；另有 {left} 项，见案卷"),
            Locale::En => format!("; {left} more in the case's folder"),
        });
    }
}
