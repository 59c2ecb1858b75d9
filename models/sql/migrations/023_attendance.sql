-- What somebody did at the clinic (attendance.csv): sessions beside those of files. `begins`, `ends`: UTC, NULL without a
-- start time; `local_date`: where the person was.
CREATE TABLE attendance (
    participant_id TEXT, date DATE, activity TEXT, minutes DECIMAL(18, 3), start_time TIME, led_by TEXT,
    session_id TEXT, begins TIMESTAMP, ends TIMESTAMP, local_date DATE
);
CREATE TABLE attendance_part (           -- cut at local midnights, as session_part
    participant_id TEXT, session_id TEXT, start_time TIMESTAMP, end_time TIMESTAMP, local_date DATE
);
