-- For how many weeks in a row is each goal met?
-- A row is a goal of a person, over its weeks that are over, of all its infusions in the order of their dates (a week
-- that the next infusion took is not one). A week that cannot be said neither proves nor breaks a habit, so there are
-- two bounds: longest_at_least takes it for not met, longest_at_most for met. current_at_least is the run that the last
-- week belongs to (0: it was not met, or cannot be said). Runs of a few weeks come by chance, too: with half of all
-- weeks met, four in a row is one in sixteen. Under overlapping a date lies in weeks of several infusions: add
-- infusion_id to each PARTITION BY and GROUP BY.
WITH said AS (
    SELECT participant_id, goal_id, status, status = 'met' AS is_met,
           status NOT IN ('met', 'partly_met', 'missed') AS is_unsaid,
           count(*) FILTER (NOT is_met) OVER by_date AS run_at_least,
           count(*) FILTER (NOT is_met AND NOT is_unsaid) OVER by_date AS run_at_most
    FROM goal_week
    WHERE status <> 'superseded' AND week_end < as_of
    WINDOW by_date AS (PARTITION BY goal_id ORDER BY week_start, infusion_id, week)
),
counted AS (
    SELECT *, count(*) FILTER (is_met) OVER (PARTITION BY goal_id, run_at_least) AS at_least,
           count(*) FILTER (is_met OR is_unsaid) OVER (PARTITION BY goal_id, run_at_most) AS at_most
    FROM said
)
SELECT participant_id, goal_id, count(*) AS weeks, count(*) FILTER (is_met) AS met,
       count(*) FILTER (is_unsaid) AS cannot_be_said,
       max(at_least) AS longest_at_least, max(at_most) AS longest_at_most,
       arg_max(at_least, run_at_least) AS current_at_least
FROM counted
GROUP BY participant_id, goal_id
ORDER BY participant_id, goal_id;
