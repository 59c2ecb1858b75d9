-- Rule: R12.4
-- Grain: one row per infusion that was added, moved, cancelled or changed since the last judging.
-- `since`: the first date at which that can matter. Of several, a move counts first.
CREATE OR REPLACE TEMP TABLE infusion_change AS
WITH judged_before AS (
    SELECT * FROM judged_infusion WHERE participant_id IN (SELECT participant_id FROM asked)
)

SELECT
    coalesce(a.participant_id, j.participant_id) AS participant_id,
    coalesce(a.infusion_id, j.infusion_id) AS infusion_id,
    CASE
        WHEN a.infusion_id IS NULL THEN 'infusion_cancelled'
        WHEN j.infusion_id IS NULL THEN 'infusion_added'
        WHEN a.infused_on <> j.infused_on THEN 'infusion_moved'
        ELSE 'infusion_changed'
    END AS change,
    CASE change
        WHEN 'infusion_moved' THEN 1
        WHEN 'infusion_cancelled' THEN 2
        WHEN 'infusion_added' THEN 3
        ELSE 4
    END AS rank,
    least(a.infused_on, j.infused_on) AS since
FROM anchor AS a
FULL JOIN judged_before AS j ON a.participant_id = j.participant_id AND a.infusion_id = j.infusion_id
WHERE a.infused_on IS DISTINCT FROM j.infused_on OR a.course <> j.course;
