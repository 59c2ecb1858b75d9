-- Rule: bands of cadence, in steps a minute, and what cannot be: nobody makes more than 250, and a day of more than 45,000
-- steps is implausible (measurement sections 2.2 and 3.3). Intensity: 0 light, 1 moderate, 2 vigorous; NULL: not known.
-- Grain: none; macros.
CREATE OR REPLACE TEMP MACRO is_impossible(cadence) AS cadence > 250;
CREATE OR REPLACE TEMP MACRO walks_at(cadence) AS cadence BETWEEN 60 AND 250;
CREATE OR REPLACE TEMP MACRO intensity_at(cadence) AS CASE
    WHEN is_impossible(cadence) THEN NULL
    WHEN cadence >= 130 THEN 2
    WHEN cadence >= 100 THEN 1
    WHEN cadence IS NOT NULL THEN 0
END;
CREATE OR REPLACE TEMP MACRO is_implausible(steps) AS steps > 45000;
