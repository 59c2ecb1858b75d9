-- How much yoga, dance, strength work and massage is written down after infusions?
-- A row is an infusion's week with any day over. Such things exist only where somebody records them: in a week whose log
-- is open (logged_days above 0: a session, a diary entry, or a note that there was none) nothing written means 0, in any
-- other week nothing is known (NULL). Minutes are sums over the week. Massage is never movement.
SELECT participant_id, infusion_id, week, days_over, logged_days,
       CASE WHEN logged_days > 0 THEN round(coalesce(yoga_minutes_total, 0), 1) END AS yoga_minutes,
       CASE WHEN logged_days > 0 THEN round(coalesce(dance_minutes_total, 0), 1) END AS dance_minutes,
       CASE WHEN logged_days > 0 THEN round(coalesce(strength_minutes_total, 0), 1) END AS strength_minutes,
       CASE WHEN logged_days > 0 THEN round(coalesce(massage_minutes_total, 0), 1) END AS massage_minutes
FROM weekly_activity
WHERE days_over > 0
ORDER BY participant_id, week_start;
