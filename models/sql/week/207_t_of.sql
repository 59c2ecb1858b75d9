-- Rule: R11.12
-- Grain: one value per call: the 95th percentile of Student's t with one degree of freedom less than there are valid
-- days, in thousandths. Estimates have 3 to 6 of them.
CREATE OR REPLACE TEMP MACRO t_of(valid_days) AS CASE valid_days
    WHEN 3 THEN 2920
    WHEN 4 THEN 2353
    WHEN 5 THEN 2132
    WHEN 6 THEN 2015
END::HUGEINT;
