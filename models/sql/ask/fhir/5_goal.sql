-- Goal-weeks. Parameters: who.
SELECT * FROM goal_week WHERE participant_id = $who AND kind IS NOT NULL ORDER BY ALL
