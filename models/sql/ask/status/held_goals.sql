-- Goals that are held.
SELECT goal_id, participant_id, reason, what_to_do, since FROM known_held_goal ORDER BY goal_id
