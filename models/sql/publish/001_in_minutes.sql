-- Rule: R14.1
-- Grain: one value per call: milliseconds as minutes, to a thousandth. NULL stays NULL.
CREATE OR REPLACE TEMP MACRO in_minutes(ms) AS round(ms / 60000, 3)::DECIMAL(18, 3);
