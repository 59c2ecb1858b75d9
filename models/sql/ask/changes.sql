-- Rule: R12.8
-- Verdicts that runs gave anew: what stood before the run, what stands after it, and why; the oldest run first.
-- `has_ended`: the week is no longer judged. Parameter: first, the number of the first run asked about.
WITH given AS (
    SELECT h.*, r.run_number, r.as_of AS run_as_of, first_value(h.supersedes) OVER (
               PARTITION BY h.run_id, h.goal_id, h.infusion_id, h.week ORDER BY h.evaluated_at) AS stood
    FROM goal_week_history h JOIN run r USING (run_id)
    WHERE r.run_number >= $first
    QUALIFY row_number() OVER (
        PARTITION BY h.run_id, h.goal_id, h.infusion_id, h.week
        ORDER BY h.evaluated_at DESC, h.input_fingerprint IS NULL) = 1
)
SELECT a.run_id, a.participant_id, a.goal_id, a.infusion_id, a.week, b.status AS status_before,
       a.status AS status_after, b.value AS value_before, a.value AS value_after, a.cause, a.run_as_of AS as_of,
       a.run_number, a.week_start, a.week_end, a.input_fingerprint IS NULL AS has_ended
FROM given a LEFT JOIN goal_week_history b ON b.evaluation_id = a.stood
ORDER BY a.run_number, a.participant_id, a.goal_id, a.infusion_id, a.week
