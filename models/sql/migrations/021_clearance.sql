-- Who set a goal and who cleared it, by role, and when: nothing is judged by it. NULL: not reported.
ALTER TABLE goal ADD COLUMN set_by TEXT;
ALTER TABLE goal ADD COLUMN cleared_by TEXT;
ALTER TABLE goal ADD COLUMN cleared_on DATE;
