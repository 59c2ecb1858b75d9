-- Take out of a copy of the books what came later: after a moment (variable `until`; NULL: all is known), as of a later
-- date than an earlier one (`cut_off`; NULL: it is not earlier than the last run's), by the judging of `this_run`.
-- What a file says of earlier days stays.
CREATE OR REPLACE TEMP TABLE later_run AS
SELECT run_id, coalesce(ended_at > getvariable('until'), FALSE) AS is_unknown FROM run
WHERE ended_at > getvariable('until') OR as_of > getvariable('cut_off')
UNION ALL SELECT getvariable('this_run'), FALSE;
UPDATE verdict SET is_current = TRUE
WHERE evaluation_id IN (SELECT supersedes FROM verdict WHERE run_id IN (SELECT run_id FROM later_run));
DELETE FROM verdict WHERE run_id IN (SELECT run_id FROM later_run);
DELETE FROM post_lock_difference WHERE run_id IN (SELECT run_id FROM later_run);
DELETE FROM rejection WHERE run_id IN (SELECT run_id FROM later_run WHERE is_unknown);
DELETE FROM run WHERE run_id IN (SELECT run_id FROM later_run) OR outcome = 'killed';
DELETE FROM day WHERE local_date > getvariable('cut_off');
DELETE FROM day_hours WHERE local_date > getvariable('cut_off');
DELETE FROM source_day WHERE local_date > getvariable('cut_off');
DELETE FROM session WHERE local_date > getvariable('cut_off');
DELETE FROM attendance WHERE local_date > getvariable('cut_off');
DELETE FROM outcome WHERE date > getvariable('cut_off');
UPDATE source_file SET status = 'ignored' WHERE status = 'loaded' AND covers_from > getvariable('cut_off');
UPDATE source_file SET covers_to = getvariable('cut_off') WHERE covers_to > getvariable('cut_off');
