-- The last run and the one before it: for which date, and by what number. Forgetting somebody judges nothing.
SELECT as_of, run_number FROM run WHERE command <> 'forget' ORDER BY run_number DESC LIMIT 2
