//! The templates of all messages: those that ship, with an office's own over them.
//!
//! What a template shows came from outside, so it is escaped for its channel where it is written out, not
//! where it is made: HTML in `mail.html`, the robots' markdown in `robot.txt`. An office's template can
//! leave words out or put them elsewhere, but it cannot let a post's text become markup.

use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, value::Serde};

use super::{
    escape::{in_robot, link_target},
    samples::samples,
    view::View,
};

/// Steps that one template may take: enough for any message, too few to hang on.
const FUEL: u64 = 200_000;
/// A template longer than this is no message.
const LONGEST: usize = 64 * 1024;

/// File names below `templates/`, with the shipped text of each.
pub const SHIPPED: [(&str, &str); 7] = [
    ("mail.html", include_str!("../../../config/templates/mail.html")),
    ("mail.txt", include_str!("../../../config/templates/mail.txt")),
    ("subject.txt", include_str!("../../../config/templates/subject.txt")),
    ("sms.txt", include_str!("../../../config/templates/sms.txt")),
    ("voice.txt", include_str!("../../../config/templates/voice.txt")),
    ("robot.txt", include_str!("../../../config/templates/robot.txt")),
    ("ntfy.txt", include_str!("../../../config/templates/ntfy.txt")),
];

/// What is wrong with an office's template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct TemplateFault {
    /// Line, from 1.
    pub line: usize,
    /// What the engine says, in English.
    pub why: String,
    /// Whether a name is used that no message has.
    pub unknown_name: bool,
}

/// All templates, checked. Cheap to clone.
#[derive(Clone)]
pub struct Templates(Arc<Environment<'static>>);

impl std::fmt::Debug for Templates {
    /// With the texts, so that a change of one is a difference.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut texts: Vec<_> =
            self.0.templates().map(|(name, one)| (name, one.source().to_owned())).collect();
        texts.sort();
        f.debug_list().entries(texts).finish()
    }
}

impl Default for Templates {
    fn default() -> Self {
        let mut environment = environment();
        for (name, text) in SHIPPED {
            // A shipped template that does not parse fails every test of the words.
            let _ = environment.add_template(name, text);
        }
        Self(Arc::new(environment))
    }
}

impl Templates {
    /// These with an office's own in place of a shipped one. It is tried on messages of every kind, so that a
    /// wrong name is found when the file is saved and not at the first alert.
    ///
    /// # Errors
    /// The line and what is wrong there.
    pub fn with(&self, name: &str, text: &str) -> Result<Self, TemplateFault> {
        let fault = |why: &str| TemplateFault { line: 1, why: why.to_owned(), unknown_name: false };
        if text.len() > LONGEST {
            return Err(fault("longer than 64 KiB"));
        }
        let Some((name, _)) = SHIPPED.iter().find(|(known, _)| *known == name) else {
            return Err(fault("no message has this template"));
        };
        let mut environment = (*self.0).clone();
        environment
            .add_template_owned((*name).to_owned(), text.to_owned())
            .map_err(|error| fault_of(&error, name))?;
        let changed = Self(Arc::new(environment));
        for (at, view) in samples().into_iter().enumerate() {
            let views = [view];
            let shown = changed.render(name, &views).map_err(|error| fault_of(&error, name))?;
            // The first is a whole alert: a wording that has nothing to say of it never has.
            if at == 0 && shown.trim().is_empty() {
                return Err(fault("it says nothing"));
            }
        }
        Ok(changed)
    }

    /// Renders one template. With `robot.txt` all views make one message, otherwise the first.
    pub(super) fn render(&self, name: &str, views: &[View]) -> Result<String, Error> {
        let template = self.0.get_template(name)?;
        let Some(first) = views.first() else { return Ok(String::new()) };
        if name != "robot.txt" {
            return template.render(Value::from(Serde(first)));
        }
        let many = first.many(views.len());
        template.render(minijinja::context! { notices => Value::from(Serde(views)), many => many })
    }
}

fn fault_of(error: &Error, name: &str) -> TemplateFault {
    let line = if error.name().is_none_or(|at| at == name) { error.line().unwrap_or(1) } else { 1 };
    let why = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    TemplateFault { line, why, unknown_name: error.kind() == ErrorKind::UndefinedError }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| match name {
        "mail.html" => AutoEscape::Html,
        "robot.txt" => AutoEscape::Custom("robot".into()),
        _ => AutoEscape::None,
    });
    environment.set_formatter(|out, state, value| {
        if matches!(state.auto_escape(), AutoEscape::Custom(name) if name == "robot") {
            let shown = if value.is_undefined() {
                // A name that no message has must fail, as it does elsewhere.
                return Err(Error::from(ErrorKind::UndefinedError));
            } else if value.is_safe() {
                value.to_string()
            } else {
                in_robot(&value.to_string())
            };
            return out.write_str(&shown).map_err(Error::from);
        }
        minijinja::escape_formatter(out, state, value)
    });
    environment.add_filter("link", |url: &str| Value::from_safe_string(link_target(url)));
    environment
}
