-- Rule: R11.1, R11.7
-- Grain: one row per way a goal-week can end, in the order of 200_goal_week_decided, in the words that are published.
-- `shows`: nothing, only the effective `target`, the value `seen` so far (basis observed), or the `estimate`.
CREATE OR REPLACE TEMP TABLE verdict_rule AS
SELECT *
FROM (
    VALUES
    ('row unusable', 'insufficient_data', 'control_row_unusable', 'nothing'),
    ('taken by next infusion', 'superseded', 'next_infusion', 'nothing'),
    ('after leaving', 'superseded', 'left', 'nothing'),
    ('all days on hold', 'insufficient_data', 'on_hold', 'nothing'),
    ('not in force', 'insufficient_data', 'goal_not_in_force', 'nothing'),
    ('goal on hold', 'insufficient_data', 'on_hold', 'target'),
    ('not applicable', 'insufficient_data', 'not_applicable', 'target'),
    ('upcoming', 'upcoming', NULL, 'nothing'),
    ('no baseline', 'insufficient_data', 'baseline_unavailable', 'target'),
    ('met, all seen', 'met', NULL, 'seen'),
    ('met, days unseen', 'met', 'lower_bound', 'seen'),
    ('running, unreachable', 'in_progress', 'unreachable', 'seen'),
    ('running', 'in_progress', NULL, 'seen'),
    ('too short', 'insufficient_data', 'window_too_short', 'target'),
    ('flagged', 'insufficient_data', 'window_truncated', 'target'),
    ('partly met by count', 'partly_met', NULL, 'seen'),
    ('missed by count', 'missed', NULL, 'seen'),
    ('awaiting', 'in_progress', 'awaiting_data', 'seen'),
    ('no log', 'insufficient_data', 'no_log', 'target'),
    ('no data', 'insufficient_data', 'no_data', 'target'),
    ('degree unknown', 'insufficient_data', 'not_met_degree_unknown', 'target'),
    ('too few days', 'insufficient_data', 'too_few_valid_days', 'target'),
    ('undecidable', 'insufficient_data', 'undecidable_missing_days', 'target'),
    ('met by estimate', 'met', NULL, 'estimate'),
    ('partly met by estimate', 'partly_met', NULL, 'estimate'),
    ('missed by estimate', 'missed', NULL, 'estimate')
) AS rules (rule, status, reason, shows);
