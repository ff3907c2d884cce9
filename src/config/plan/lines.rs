//! Reporting lines of a tier. The short form lists the steps: `steps = [["值班员"], ["带班领导"]]`; the long form
//! writes each step as what is done: `steps = [{ notify = ["值班员"] }, { wait = "10min" },
//! { notify_if_unacknowledged = ["带班领导"] }, { repeat = true }]`.

use jiff::SignedDuration;

use crate::{
    config::sheet::{Spot, Table},
    model::Line,
};

/// Reads `lines`, and of `everyone` one line a person: each of them must confirm.
pub(super) fn read(table: &Table<'_>, names: &mut Vec<Spot<String>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in table.tables("lines") {
        let name = line.need_text("name", "本单位");
        let read = if line.holds_tables("steps") { long(&line, names) } else { short(&line, names) };
        line.finish();
        if read.steps.is_empty() {
            let hint = "写成 steps = [[\"值班员\"], [\"带班领导\"]]，先通知前一步，无人签收再通知后一步";
            line.sheet().fault(line.place_of("steps"), "报告线里没有人", hint);
        }
        let Some(name) = name else { continue };
        if lines.iter().any(|other| other.name == *name.get_ref()) {
            let message = format!("报告线 {} 写了两次", name.get_ref());
            line.sheet().fault(name.span(), message, "改一个名字");
        }
        lines.push(Line { name: name.into_inner(), ..read });
    }
    for person in table.texts("everyone") {
        let name = format!("签收·{}", person.get_ref());
        lines.push(Line { name, steps: vec![vec![person.get_ref().clone()]], ..Line::default() });
        names.push(person);
    }
    lines
}

fn short(line: &Table<'_>, names: &mut Vec<Spot<String>>) -> Line {
    let steps = line.text_lists("steps");
    for step in steps.iter().filter(|step| step.get_ref().is_empty()) {
        line.sheet().fault(step.span(), "这一步是空的", "写上联系人，或删去这对方括号");
    }
    names.extend(steps.iter().flat_map(|step| step.get_ref().iter().cloned()));
    let steps =
        steps.into_iter().map(|step| step.into_inner().into_iter().map(Spot::into_inner).collect()).collect();
    Line { steps, ..Line::default() }
}

fn long(line: &Table<'_>, names: &mut Vec<Spot<String>>) -> Line {
    let mut read = Line::default();
    let mut ended = false;
    for step in line.tables("steps") {
        let sheet = step.sheet();
        if ended {
            sheet.fault(step.span(), "repeat 之后不能再有步骤", "把 { repeat = true } 写在最后");
        }
        let (always, unless) = (step.texts("notify"), step.texts("notify_if_unacknowledged"));
        let wait = step.duration("wait").map(Spot::into_inner);
        let repeat = step.flag("repeat", false);
        step.finish();
        let told = [!always.is_empty(), !unless.is_empty(), wait.is_some(), repeat];
        if told.iter().filter(|one| **one).count() != 1 {
            let hint = "每一步只写一样: notify、wait、notify_if_unacknowledged 或 repeat = true";
            sheet.fault(step.span(), "看不懂的步骤", hint);
            continue;
        }
        if let Some(wait) = wait {
            waits(&mut read, &step, wait);
        } else if repeat {
            // A line always begins again when nobody confirms; written, it only says so.
            ended = true;
        } else {
            let at = read.steps.len();
            if at == 0 && always.is_empty() {
                sheet.fault(step.span(), "第一步总是要通知的", "第一步写 notify");
            }
            if at > 0 && !always.is_empty() {
                read.always.push(at);
            }
            let people = if always.is_empty() { unless } else { always };
            names.extend(people.iter().cloned());
            read.steps.push(people.into_iter().map(Spot::into_inner).collect());
            read.waits.push(None);
        }
    }
    read
}

fn waits(read: &mut Line, step: &Table<'_>, wait: SignedDuration) {
    let Some(last) = read.waits.last_mut() else {
        step.sheet().fault(step.span(), "wait 之前没有通知", "先写 { notify = [\"值班员\"] }");
        return;
    };
    *last = Some(last.map_or(wait, |before| before.saturating_add(wait)));
}
