-- Verdicts of a run that replace an earlier one, or are the first of their week. Parameters: run.
SELECT was, now, count(*) FROM (
    SELECT coalesce(b.status, 'none yet') AS was, a.status AS now
    FROM goal_week_history a LEFT JOIN goal_week_history b ON b.evaluation_id = a.supersedes
    WHERE a.run_id = $run
    QUALIFY row_number() OVER (
        PARTITION BY a.goal_id, a.infusion_id, a.week ORDER BY a.input_fingerprint IS NULL) = 1
) GROUP BY ALL ORDER BY ALL
