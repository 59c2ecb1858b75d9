-- Rule: R14.3
-- Grain: one row per thing done to or with the data.
SELECT * EXCLUDE (actor) REPLACE (as_instant(happened_at) AS happened_at)
FROM audit
ORDER BY happened_at, audit_id
