-- Somebody who left and whose data stay: the last date that counts, and the days of a week that come after it.
ALTER TABLE participant ADD COLUMN left_on DATE;
ALTER TABLE goal_week ADD COLUMN left_set UTINYINT;
UPDATE goal_week SET left_set = 0;
