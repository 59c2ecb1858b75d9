-- Rule: R10.8
-- Grain: one row per infusion and post-infusion week with a day that has a source.
CREATE OR REPLACE TEMP TABLE week_source AS
SELECT
    week_key,
    max({'n_days': n_days, 'source': primary_source}).source AS source
FROM (
    SELECT
        week_key,
        primary_source,
        count(*) AS n_days
    FROM window_day
    WHERE primary_source IS NOT NULL
    GROUP BY week_key, primary_source
)
GROUP BY week_key;
