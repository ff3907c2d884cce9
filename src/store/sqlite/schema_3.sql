-- How often the rules of keyword lists hit. A rule is the same while unit, file, group and words are.
CREATE TABLE rule (
    number      INTEGER PRIMARY KEY,
    unit        TEXT    NOT NULL,
    file        TEXT    NOT NULL,
    in_group    TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    line        INTEGER NOT NULL,
    first_at    INTEGER NOT NULL,
    last_hit_at INTEGER,
    UNIQUE (unit, file, in_group, rule)
) STRICT;

-- Days are those of the office's zone, as '2026-11-21'; hours begin at an instant and are kept for two days.
CREATE TABLE rule_day (
    day  TEXT    NOT NULL,
    rule INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (day, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_hour (
    hour INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (hour, rule)
) STRICT, WITHOUT ROWID;

-- Posts on which a unit's rules were tried; unit '' is all units.
CREATE TABLE looked_day (
    day   TEXT    NOT NULL,
    unit  TEXT    NOT NULL,
    posts INTEGER NOT NULL,
    PRIMARY KEY (day, unit)
) STRICT, WITHOUT ROWID;
-- A start reads what lives, however much was archived; an incident shows what was merged into it.
CREATE INDEX incident_state ON incident (state) WHERE state IN ('open', 'dormant', 'closed');
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;
