//! A selector as a chain of compounds, and the forms that are one step looser.

/// Words shorter than this say nothing of what they name.
const SHORTEST_WORD: usize = 3;

/// One compound of a selector with the combinator before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Compound {
    /// Empty for the first, else one of space, `>`, `+`, `~`.
    combinator: String,
    /// Tag, classes, ids, attributes, pseudo-classes, as written.
    simples: Vec<String>,
}

/// One alternative of a selector list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Chain(Vec<Compound>);

impl Chain {
    /// The alternatives of a selector list.
    pub fn list(written: &str) -> Vec<Self> {
        top_level(written, |c| c == ',').iter().filter_map(|one| Self::parse(one)).collect()
    }

    fn parse(written: &str) -> Option<Self> {
        let mut compounds: Vec<Compound> = Vec::new();
        let mut combinator = String::new();
        for word in top_level(written.trim(), char::is_whitespace) {
            match word.as_str() {
                "" => {}
                ">" | "+" | "~" => combinator = word,
                _ => {
                    if !compounds.is_empty() && combinator.is_empty() {
                        combinator.push(' ');
                    }
                    let combinator = std::mem::take(&mut combinator);
                    compounds.push(Compound { combinator, simples: simples(&word) });
                }
            }
        }
        (!compounds.is_empty()).then_some(Self(compounds))
    }

    /// As CSS.
    pub fn css(&self) -> String {
        let mut css = String::new();
        for compound in &self.0 {
            match compound.combinator.as_str() {
                "" => {}
                " " => css.push(' '),
                combinator => css.push_str(&format!(" {combinator} ")),
            }
            if compound.simples.is_empty() {
                css.push('*');
            }
            css.extend(compound.simples.iter().map(String::as_str));
        }
        css
    }

    /// How much it still says: of the element itself first, then in all.
    pub fn weight(&self) -> (usize, usize) {
        let of = |compound: &Compound| compound.simples.iter().map(|simple| says(simple)).sum();
        (self.0.last().map_or(0, of), self.0.iter().map(of).sum())
    }

    /// Every form that is one step looser: one simple selector made vaguer or dropped, one combinator made
    /// a descendant's, the outermost or the innermost element dropped.
    pub fn looser(&self) -> Vec<Self> {
        let mut forms = Vec::new();
        if let [_, rest @ ..] = self.0.as_slice()
            && !rest.is_empty()
        {
            let mut shorter = rest.to_vec();
            if let Some(first) = shorter.first_mut() {
                first.combinator.clear();
            }
            forms.push(Self(shorter));
        }
        if let [rest @ .., _] = self.0.as_slice() {
            forms.push(Self(rest.to_vec()));
        }
        for (at, compound) in self.0.iter().enumerate() {
            if !matches!(compound.combinator.as_str(), "" | " ") {
                forms.push(self.with(at, |compound| compound.combinator = " ".to_owned()));
            }
            for (nth, simple) in compound.simples.iter().enumerate() {
                let vaguer = vaguer(simple);
                if vaguer.is_none() && compound.simples.len() == 1 {
                    forms.push(self.without(at));
                    continue;
                }
                forms.push(
                    self.with(at, |compound| compound.simples.splice(nth..=nth, vaguer).for_each(drop)),
                );
            }
        }
        // An element of which nothing is said at all is no hint.
        forms.retain(|form| !form.0.is_empty() && form.0.iter().all(|compound| !compound.simples.is_empty()));
        forms
    }

    /// Without the compound at `at`; what stood behind it may then stand anywhere below.
    fn without(&self, at: usize) -> Self {
        let mut changed = self.clone();
        if at < changed.0.len() {
            changed.0.remove(at);
        }
        let combinator = if at == 0 { "" } else { " " };
        if let Some(next) = changed.0.get_mut(at) {
            next.combinator = combinator.to_owned();
        }
        changed
    }

    fn with(&self, at: usize, change: impl FnOnce(&mut Compound)) -> Self {
        let mut changed = self.clone();
        if let Some(compound) = changed.0.get_mut(at) {
            change(compound);
        }
        changed
    }
}

/// A vaguer form of a simple selector: a class or id by a part of its name, an attribute by its beginning
/// or its presence. `None` when it can only be dropped.
fn vaguer(simple: &str) -> Option<String> {
    if let Some(class) = simple.strip_prefix('.') {
        return Some(format!("[class*=\"{class}\"]"));
    }
    if let Some(id) = simple.strip_prefix('#') {
        return Some(format!("[id*=\"{id}\"]"));
    }
    let inner = simple.strip_prefix('[')?.strip_suffix(']')?;
    let (name, value) = inner.split_once('=')?;
    let contains = name.ends_with('*');
    let name = name.trim_end_matches(['*', '^', '$', '~', '|']).trim();
    let value = value.trim().trim_end_matches(" i").trim_matches(['"', '\'']);
    let stem = value.trim_end_matches(|c: char| !c.is_alphanumeric());
    if !contains && stem.chars().count() >= SHORTEST_WORD {
        return Some(format!("[{name}*=\"{stem}\"]"));
    }
    let word: String = stem.chars().take_while(|c| c.is_alphanumeric()).collect();
    if word.len() < stem.len() && word.chars().count() >= SHORTEST_WORD {
        return Some(format!("[{name}*=\"{word}\"]"));
    }
    // Nearly every element has a class: only rarer attributes say something by being there.
    (name != "class").then(|| format!("[{name}]"))
}

/// How much a simple selector says: a name in full more than a part of it.
fn says(simple: &str) -> usize {
    if simple.contains("*=") { 1 } else { 2 }
}

/// The simple selectors of a compound.
fn simples(compound: &str) -> Vec<String> {
    let mut simples: Vec<String> = Vec::new();
    let mut depth = 0usize;
    let mut quote = None;
    let mut before = None;
    for c in compound.chars() {
        let opens = depth == 0 && quote.is_none() && matches!(c, '.' | '#' | '[' | ':');
        // The second colon of `::` belongs to the first.
        if simples.is_empty() || (opens && !(c == ':' && before == Some(':'))) {
            simples.push(String::new());
        }
        track(c, &mut depth, &mut quote);
        if let Some(last) = simples.last_mut() {
            last.push(c);
        }
        before = Some(c);
    }
    simples.retain(|simple| simple != "*");
    simples
}

/// Splits outside of brackets and quotes.
fn top_level(text: &str, splits: impl Fn(char) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    let mut quote = None;
    for c in text.chars() {
        if depth == 0 && quote.is_none() && splits(c) {
            parts.push(String::new());
            continue;
        }
        track(c, &mut depth, &mut quote);
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn track(c: char, depth: &mut usize, quote: &mut Option<char>) {
    match (c, *quote) {
        (_, Some(open)) if c == open => *quote = None,
        (_, Some(_)) => {}
        ('"' | '\'', None) => *quote = Some(c),
        ('[' | '(', None) => *depth += 1,
        (']' | ')', None) => *depth = depth.saturating_sub(1),
        _ => {}
    }
}
