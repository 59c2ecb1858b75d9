-- Rule: R11.12
-- Grain: one value per call: the square root of a whole number, rounded up, from a whole number that is no more than 1
-- beside it (`near`).
CREATE OR REPLACE TEMP MACRO root_up(square, near) AS CASE
    WHEN near * near < square THEN near + 1
    WHEN near > 0 AND (near - 1) * (near - 1) >= square THEN near - 1
    ELSE near
END;
