-- Rule: R10.6
-- Grain: one row per goal version with a derived target in force.
INSERT INTO frozen_target
SELECT goal_id, version, target, n_valid, as_of, getvariable('moment')
FROM derived_target d JOIN goal_version v USING (version_key, goal_id, version)
WHERE getvariable('freezes') AND d.target IS NOT NULL AND v.effective_from <= d.as_of
  AND NOT EXISTS (FROM frozen_target f WHERE f.goal_id = d.goal_id AND f.version = d.version);
