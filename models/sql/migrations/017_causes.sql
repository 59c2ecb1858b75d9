-- What a verdict was judged from, so that the next one can say which part of it is another: holds and skipped dates apart
-- from the goal's own dates, the course apart from the date, the agreement without what is said of the person.
ALTER TABLE goal_week ADD COLUMN hold_set UTINYINT;
ALTER TABLE goal_week ADD COLUMN skipped_set UTINYINT;
ALTER TABLE judged_infusion ADD COLUMN course TEXT;
UPDATE goal_week SET goal_fingerprint = md5(g::TEXT)
FROM goal g WHERE g.goal_id = goal_week.goal_id AND g.version = goal_week.version;
