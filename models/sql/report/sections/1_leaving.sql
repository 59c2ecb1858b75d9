-- Who left and lets the study keep their data: nothing is asked of them any more (R8.8). Parameters: as_of.
SELECT participant_id, left_on FROM participant WHERE left_on < $as_of
ORDER BY left_on
