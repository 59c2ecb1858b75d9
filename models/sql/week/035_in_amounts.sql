-- Rule: R1.3
-- Grain: one value per call: a number of the control files as an amount (030_metric_unit): a whole number of what `one`
-- says one of it is.
CREATE OR REPLACE TEMP MACRO in_amounts(number, one) AS
    CAST(1000 * CAST(number AS DECIMAL(28, 3)) AS HUGEINT) * one // 1000;
