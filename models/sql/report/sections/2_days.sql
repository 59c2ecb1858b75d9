-- Every day of the time line: from the fortnight before the first infusion, or the first data, to the last of either
-- data or followed days that are over. A day belongs to the infusion nearest before it;
-- `is_before`: before the first, shown beside and never judged. Parameters: as_of.
WITH followed AS (
    SELECT DISTINCT ON (participant_id, local_date)
           participant_id, local_date, infusion_id, day_number, week, is_eligible, why_not
    FROM infusion_window WHERE local_date < $as_of AND why_not IS DISTINCT FROM 'next_infusion'
    ORDER BY participant_id, local_date, day_number),
first_infusion AS (
    SELECT participant_id, min(infused_on) AS infused_on FROM infusion WHERE has_happened(status) GROUP BY ALL),
ends AS (
    SELECT participant_id, infused_on - 14 AS first_day, least(infused_on, $as_of) - 1 AS last_day FROM first_infusion
    UNION ALL SELECT participant_id, min(local_date), max(local_date) FROM followed GROUP BY ALL
    UNION ALL SELECT participant_id, min(local_date), max(local_date) FROM daily_activity GROUP BY ALL),
calendar AS (
    SELECT participant_id, unnest(range(min(first_day), max(last_day) + 1, INTERVAL 1 DAY))::DATE AS local_date
    FROM ends GROUP BY participant_id)
SELECT participant_id, local_date, coalesce(d.day_state, 'no_data') AS day_state, d.movement_minutes, d.steps,
       d.walking_minutes, d.mvpa_equivalent_minutes, d.wear_minutes, d.primary_source, f.infusion_id, f.week,
       f.day_number, coalesce(f.is_eligible, FALSE) AS is_eligible, f.why_not,
       coalesce(local_date < i.infused_on, TRUE) AS is_before
FROM calendar SEMI JOIN participant USING (participant_id)
LEFT JOIN daily_activity d USING (participant_id, local_date)
LEFT JOIN followed f USING (participant_id, local_date)
LEFT JOIN first_infusion i USING (participant_id)
ORDER BY local_date
