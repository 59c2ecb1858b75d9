-- Rule: R12.5
-- Grain: one row per noticed difference of a frozen goal, infusion and week; is_current is the last noticed.
SELECT goal_id, participant_id, infusion_id, week, week_start, week_end, frozen_status, frozen_reason, frozen_value,
       frozen_percent, frozen_as_of, status, reason, value, percent, as_of, cause, is_current,
       as_instant(noticed_at) AS noticed_at, run_id
FROM post_lock_difference SEMI JOIN participant USING (participant_id)
ORDER BY noticed_at, goal_id, infusion_id, week
