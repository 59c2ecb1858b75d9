-- Rule: R10.6, R10.12
-- Grain: one row per goal version with a derived target in force.
INSERT INTO frozen_target BY NAME
SELECT goal_id, version, target, n_valid, as_of, getvariable('moment') AS frozen_at, baseline_value
FROM derived_target d JOIN goal_version v USING (version_key, goal_id, version)
WHERE getvariable('freezes') AND d.target IS NOT NULL AND v.effective_from <= d.as_of
  AND NOT EXISTS (FROM frozen_target f WHERE f.goal_id = d.goal_id AND f.version = d.version);
UPDATE frozen_target SET baseline_value = d.baseline_value
FROM derived_target d
WHERE getvariable('freezes') AND frozen_target.baseline_value IS NULL AND d.baseline_value IS NOT NULL
  AND d.goal_id = frozen_target.goal_id AND d.version = frozen_target.version;
