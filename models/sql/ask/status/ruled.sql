-- Goals as they were agreed when they ruled their first week.
SELECT * FROM known_ruled ORDER BY goal_id, version
