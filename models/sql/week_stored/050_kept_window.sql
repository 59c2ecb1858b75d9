-- Rule: R8.7
-- Grain: one row per infusion and local_date (kept_window), infusion and week (kept_activity).
DELETE FROM kept_window
WHERE participant_id IN (SELECT participant_id FROM asked)
  AND is_judged_now(participant_id, infusion_id, coalesce(week, 0));
INSERT INTO kept_window BY NAME
SELECT participant_id, infusion_id, local_date, day_number, week, is_eligible, why_not FROM infusion_window;
DELETE FROM kept_activity
WHERE participant_id IN (SELECT participant_id FROM asked)
  AND is_judged_now(participant_id, infusion_id, coalesce(week, 0));
INSERT INTO kept_activity BY NAME FROM weekly_activity;
