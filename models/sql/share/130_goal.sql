-- Rule: R15.1, R15.2, R15.3
-- Grain: one row per goal and version that rules a shared week.
-- A version set since would date the copy. Who set and cleared it, and when, stays at the clinic.
CREATE TABLE rows.goal AS
SELECT key_of('goal', g.goal_id) AS goal_key, g.version, key_of('participant', g.participant_id) AS participant_key,
       key_of('infusion', g.infusion_id) AS infusion_key, g.from_week, g.to_week, g.kind, g.metric, g.targets,
       g.per_day, g.derivation, g.set_on - f.first_on AS set_on_day,
       g.effective_from - f.first_on AS effective_from_day, g.correction, g.status
FROM published.goal g JOIN (SELECT DISTINCT participant_id, first_on FROM followed) f USING (participant_id)
WHERE EXISTS (FROM published.goal_week w JOIN followed x USING (participant_id, infusion_id)
              WHERE w.goal_id = g.goal_id AND w.version = g.version)
ORDER BY participant_key, goal_key, version;
