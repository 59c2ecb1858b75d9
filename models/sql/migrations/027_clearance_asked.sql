-- Whether a goal that nobody of the care team cleared is named in the worklist (study.toml); until a run says so, not.
ALTER TABLE study ADD COLUMN clearance BOOLEAN;
UPDATE study SET clearance = FALSE;
