-- Rule: R1.3
-- Grain: one value per call: the exact quotient of two whole numbers, rounded once, half up, to six decimals.
-- For showing only: every comparison of the judge is made on the whole numbers themselves.
CREATE OR REPLACE TEMP MACRO half_up(numerator, denominator) AS CAST(
    CAST(
        (2000000 * CAST(numerator AS HUGEINT) + denominator) // (2 * CAST(denominator AS HUGEINT)) AS DECIMAL(31, 0)
    ) * CAST(0.000001 AS DECIMAL(6, 6)) AS DECIMAL(24, 6)
);
