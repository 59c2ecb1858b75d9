-- Everything of the published database that gets a random key in a copy, by whose and what it is.
SELECT participant_id, 'participant' AS kind, participant_id AS name FROM published.participant
UNION ALL SELECT participant_id, 'infusion', infusion_id FROM published.infusion
UNION ALL SELECT DISTINCT participant_id, 'course', course_id FROM published.infusion WHERE course_id IS NOT NULL
UNION ALL SELECT DISTINCT participant_id, 'goal', goal_id FROM published.goal
UNION ALL SELECT DISTINCT participant_id, 'session', session_id FROM published.session
