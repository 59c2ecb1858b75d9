-- Goals as they were agreed when they ruled their first week: those that are otherwise now, where the store has the
-- very control files that are asked about, else all of them. Parameter: control, their fingerprint.
SELECT * FROM known_ruled r
WHERE $control NOT IN (FROM known_control) OR EXISTS (
    FROM known_agreed g
    WHERE g.goal_id = r.goal_id AND g.version = r.version AND (
        g.to_week < r.to_week
        OR row(g.infusion_id, g.from_week, g.kind, g.metric, g.targets, g.per_day, g.derivation, g.effective_from,
               g.correction, g.status)
        IS DISTINCT FROM
           row(r.infusion_id, r.from_week, r.kind, r.metric, r.targets, r.per_day, r.derivation, r.effective_from,
               r.correction, r.status)))
ORDER BY goal_id, version
