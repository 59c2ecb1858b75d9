-- The last run is the last by its number: a clock that was ahead for a night would make it the last for a year.
ALTER TABLE run ADD COLUMN run_number INTEGER;
UPDATE run SET run_number = n
FROM (SELECT run_id, row_number() OVER (ORDER BY rowid) AS n FROM run) AS r WHERE r.run_id = run.run_id;
