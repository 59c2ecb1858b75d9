-- Scores of the clinic's scales (outcomes.csv): shown beside the days; nothing is judged by them.
CREATE TABLE outcome (participant_id TEXT, date DATE, scale TEXT, score DECIMAL(18, 3));
