-- Rule: R13.2
-- Grain: one row per goal-week of a goal that was held: judged last at another time than everything else.
CREATE OR REPLACE TEMP TABLE left_case AS
SELECT
    c.case_key,
    j.as_of AS judged_as_of
FROM judged_goal AS j
INNER JOIN goal_version AS v ON j.goal_id = v.goal_id
INNER JOIN week_case AS c ON v.version_key = c.version_key;
