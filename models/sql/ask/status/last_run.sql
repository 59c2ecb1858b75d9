-- The last run that reached its end.
SELECT command, as_of, started_at, ended_at, outcome, files_loaded, files_duplicate, files_ignored,
       files_rejected, days_resolved, weeks_changed FROM run ORDER BY run_number DESC LIMIT 1
