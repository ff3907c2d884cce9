//! `templates/`: an office's own wording of messages, over the shipped one. Each file is tried on messages of
//! every kind when it is read, so that a mistake is told when it is saved and not at the first alert.

use std::path::Path;

use crate::locale::notice::{SHIPPED, Templates};

use super::{Fault, Folder};

/// Reads the folder; what is wrong goes to `faults`.
#[must_use]
pub fn read(folder: &Folder, faults: &mut Vec<Fault>) -> Templates {
    let mut templates = Templates::default();
    let files = [".txt", ".html"].into_iter().flat_map(|ending| folder.list("templates", ending));
    for file in files {
        let text = match folder.text(&file) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let name = file.strip_prefix("templates/").unwrap_or(&file);
        match templates.with(name, &text) {
            Ok(changed) => templates = changed,
            Err(wrong) => {
                let message = format!("模板写法不对（{}）", wrong.why);
                faults.push(Fault::on_line(
                    &folder.path(&file),
                    &text,
                    wrong.line,
                    message,
                    Some(hint(name, wrong.unknown_name)),
                ));
            }
        }
    }
    templates
}

fn hint(name: &str, unknown_name: bool) -> String {
    let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    if !known.contains(&name) {
        return format!("可以改写的只有: {}；删去或改名", known.join("、"));
    }
    let what = if unknown_name { "这个名字消息里没有；" } else { "" };
    let stem = Path::new(name).display();
    format!("{what}对照随包的 {stem} 改写，或删去本文件，恢复随包的文字")
}
