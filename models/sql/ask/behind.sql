-- Rule: R12.9
-- The files behind verdicts that changed for the sake of one, for each: those of its person that the run loaded, or took
-- out, and that tell of days of its week; else of days before it, from which its target or baseline comes. Of somebody
-- who was held those since the verdict before. Parameter: first, the number of the first run asked about.
WITH changed AS (
    SELECT h.run_id, h.goal_id, h.infusion_id, h.week, h.participant_id, h.week_start, h.week_end, r.run_number,
           coalesce(n.run_number, 0) AS given_by,
           CASE h.cause WHEN 'file_moved' THEN 'withdrawn' WHEN 'file_unloaded' THEN 'unloaded' ELSE 'loaded' END AS turn
    FROM known_history h JOIN run r USING (run_id)
    LEFT JOIN known_history b ON b.evaluation_id = h.supersedes
    LEFT JOIN run n ON n.run_id = b.run_id
    WHERE r.run_number >= $first AND h.cause IN ('late_data', 'corrected_data', 'file_moved', 'file_unloaded')
),
turned AS (  -- by the run that found it
    SELECT f.*, r.run_number
    FROM known_turn f
    ASOF JOIN (SELECT ended_at, run_number FROM run WHERE command <> 'forget' AND outcome IS DISTINCT FROM 'killed') r ON f.turned_at <= r.ended_at
),
waited AS (  -- nothing of the person's turned in that run
    FROM changed ANTI JOIN turned USING (participant_id, run_number, turn)
),
found AS (
    SELECT c.*, t.path, t.sha256, t.covers_from, t.covers_to
    FROM changed c JOIN turned t USING (participant_id, run_number, turn)
    UNION ALL
    SELECT c.*, t.path, t.sha256, t.covers_from, t.covers_to
    FROM waited c JOIN turned t
      ON t.participant_id = c.participant_id AND t.turn = c.turn
     AND t.run_number > c.given_by AND t.run_number < c.run_number
)
SELECT run_id, goal_id, infusion_id, week,
       list_sort(list_distinct(list(coalesce(path, 'content ' || left(sha256, 12))))) AS files
FROM (
    FROM found WHERE covers_from <= week_end + 1  -- a night may belong to the day before
    QUALIFY covers_to >= week_start OR NOT bool_or(covers_to >= week_start) OVER (
        PARTITION BY run_id, goal_id, infusion_id, week)
)
GROUP BY ALL
