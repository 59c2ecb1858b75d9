-- What true minutes of a day tell (day/142_paced_day.sql): `peak_30_steps` are the steps of the best 30 minutes,
-- `cadence_bands` the minutes at 1-19, 20-39, 40-59, 60-79, 80-99, 100-119 and from 120 steps.
ALTER TABLE day ADD COLUMN light_ms BIGINT;
ALTER TABLE day ADD COLUMN peak_1_cadence BIGINT;
ALTER TABLE day ADD COLUMN peak_30_steps BIGINT;
ALTER TABLE day ADD COLUMN longest_walking_ms BIGINT;
ALTER TABLE day ADD COLUMN cadence_bands BIGINT[];
-- The hours of a day: `hours` on the clock, and of each what was resolved; milliseconds. NULL: not known by the hour.
CREATE TABLE day_hours (
    participant_id TEXT, local_date DATE, hours BIGINT[], steps BIGINT[], walking_ms BIGINT[], moderate_ms BIGINT[],
    vigorous_ms BIGINT[], wear_ms BIGINT[]
);
-- Which hours a date had, where they are not 24 in a row. NULL: 0 to 23.
ALTER TABLE local_day ADD COLUMN hours BIGINT[];
DELETE FROM local_day WHERE ends > begins AND ends - begins <> INTERVAL 24 HOUR;
-- Whether days are published by the hour, too; until a run says so, not.
ALTER TABLE study ADD COLUMN hourly BOOLEAN;
UPDATE study SET hourly = FALSE;
-- every day is resolved once more
INSERT INTO stale_day SELECT participant_id, local_date, 'code_changed' FROM day;
