-- Rule: R10.8
-- Grain: one row per infusion that is judged and whose baseline window has a day with a source.
CREATE OR REPLACE TEMP TABLE baseline_source AS
SELECT
    infusion_key,
    max({'n_days': n_days, 'source': primary_source}).source AS source
FROM (
    SELECT
        b.infusion_key,
        d.primary_source,
        count(*) AS n_days
    FROM baseline_window AS b
    SEMI JOIN week_to_judge AS w ON b.infusion_key = w.infusion_key
    INNER JOIN judged_day AS d
        ON b.person_key = d.person_key AND d.local_date >= b.before_date - 14 AND d.local_date < b.before_date
    WHERE d.primary_source IS NOT NULL
    GROUP BY b.infusion_key, d.primary_source
)
GROUP BY infusion_key;
