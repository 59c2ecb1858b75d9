-- The last run that ended and the one before it: for which date, and by what number. Forgetting somebody judges nothing.
SELECT as_of, run_number FROM run WHERE command <> 'forget' AND outcome IS DISTINCT FROM 'killed' ORDER BY run_number DESC LIMIT 2
