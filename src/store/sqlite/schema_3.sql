-- A start reads what lives, however much was archived; an incident shows what was merged into it.
CREATE INDEX incident_state ON incident (state) WHERE state IN ('open', 'dormant', 'closed');
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;
