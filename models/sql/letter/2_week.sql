-- Rule: R17.1
-- Of each person the week that ended last (`is_over`), and the one that runs now, else one that begins in the next seven
-- days. Weeks of which no day counts, because the next infusion took them all, are none. Parameters: who, as_of.
WITH week AS (
    SELECT participant_id, infusion_id, week, min(local_date) AS week_start, max(local_date) AS week_end,
           min(local_date) FILTER (is_eligible) AS first_day, max(local_date) FILTER (is_eligible) AS last_day,
           count(*) FILTER (is_eligible) AS eligible_days,
           list_sort(list_distinct(list(why_not) FILTER (why_not IS NOT NULL))) AS why_not
    FROM infusion_window
    WHERE week IS NOT NULL AND participant_id IN (SELECT unnest($who::TEXT[])) GROUP BY ALL)
SELECT w.*, i.infused_on, last_day < $as_of AS is_over, first_day <= $as_of AS has_begun
FROM week w JOIN infusion i USING (participant_id, infusion_id)
WHERE eligible_days > 0 AND first_day <= $as_of + 7
QUALIFY row_number() OVER (
    PARTITION BY w.participant_id, is_over
    ORDER BY CASE WHEN is_over THEN $as_of - last_day WHEN first_day > $as_of THEN first_day - $as_of ELSE 0 END,
             infused_on DESC, w.infusion_id
) = 1
ORDER BY w.participant_id, is_over DESC
