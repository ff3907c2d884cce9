//! The configuration that ships inside the program, so that one binary runs and `yuqing init` can write
//! it without any file beside it.

/// Path below the office's folder, and text.
const FILES: [(&str, &str); 20] = [
    ("yuqing.toml", include_str!("../../config/yuqing.toml")),
    ("contacts.toml", include_str!("../../config/contacts.toml")),
    ("rota.toml", include_str!("../../config/rota.toml")),
    ("holidays.toml", include_str!("../../config/holidays.toml")),
    ("plans/work-safety.toml", include_str!("../../config/plans/work-safety.toml")),
    ("plans/government-affairs.toml", include_str!("../../config/plans/government-affairs.toml")),
    ("plans/archives-bureau.toml", include_str!("../../config/plans/archives-bureau.toml")),
    ("plans/county-office.toml", include_str!("../../config/plans/county-office.toml")),
    ("plans/development-zone.toml", include_str!("../../config/plans/development-zone.toml")),
    ("plans/hospital.toml", include_str!("../../config/plans/hospital.toml")),
    ("plans/school.toml", include_str!("../../config/plans/school.toml")),
    ("plans/audit-bureau.toml", include_str!("../../config/plans/audit-bureau.toml")),
    ("plans/college.toml", include_str!("../../config/plans/college.toml")),
    ("plans/primary-school.toml", include_str!("../../config/plans/primary-school.toml")),
    ("plans/labor-school.toml", include_str!("../../config/plans/labor-school.toml")),
    ("plans/general-office.toml", include_str!("../../config/plans/general-office.toml")),
    ("plans/national.toml", include_str!("../../config/plans/national.toml")),
    ("plans/demo.toml", include_str!("../../config/plans/demo.toml")),
    ("sources.d/sources.toml", include_str!("../../config/sources.d/sources.toml")),
    ("keywords/示范单位.txt", include_str!("../../keywords/示范单位.txt")),
];

/// The text of a shipped file by its path below the office's folder.
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| *path == name).map(|(_, text)| *text)
}

/// Paths of the shipped files.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path)
}
