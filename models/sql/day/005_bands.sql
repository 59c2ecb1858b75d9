-- Rule: R2.5, R4.5
-- Grain: one value per call: what a cadence (steps per minute), or the steps of a day, say.
-- Intensity: 0 light, 1 moderate, 2 vigorous, NULL not known.
CREATE OR REPLACE TEMP MACRO is_impossible(cadence) AS cadence > 250;
CREATE OR REPLACE TEMP MACRO walks_at(cadence) AS cadence BETWEEN 60 AND 250;
CREATE OR REPLACE TEMP MACRO intensity_at(cadence) AS CASE
    WHEN is_impossible(cadence) THEN NULL
    WHEN cadence >= 130 THEN 2
    WHEN cadence >= 100 THEN 1
    WHEN cadence IS NOT NULL THEN 0
END;
CREATE OR REPLACE TEMP MACRO is_implausible(steps) AS steps > 45000;
