-- Rule: R10.1
-- Grain: one row per infusion that happened.
CREATE OR REPLACE TEMP TABLE baseline_window AS
WITH earlier AS (
    SELECT
        a.infusion_key,
        max(e.infused_on + 7 * e.weeks) AS followed_until
    FROM anchor AS a
    INNER JOIN anchor AS e ON a.person_key = e.person_key AND e.infused_on < a.course_begins
    WHERE a.is_named_course
    GROUP BY a.infusion_key
)

SELECT
    a.infusion_key,
    a.person_key,
    a.infusion_id,
    CASE
        WHEN e.followed_until < a.course_begins - 14 THEN a.course_begins
        ELSE a.first_infused_on
    END AS before_date
FROM anchor AS a
LEFT JOIN earlier AS e ON a.infusion_key = e.infusion_key;
