-- What a file says of a device, a metric and a date is one row (models/store/samples.py): true 60-second epochs, and
-- totals since the device's midnight.
CREATE TABLE minutes (                   -- steps_spread: steps without a cadence
    file_id INTEGER, participant_id TEXT, device_id INTEGER, metric TEXT, local_date DATE, first_at TIMESTAMP,
    last_at TIMESTAMP,                   -- they rise from the first to the last, each later than the one before
    samples STRUCT(start_time TIMESTAMP, "value" INTEGER)[]
);
CREATE TABLE readings (
    file_id INTEGER, participant_id TEXT, device_id INTEGER, local_date DATE, first_at TIMESTAMP, last_at TIMESTAMP,
    samples STRUCT(
        end_time TIMESTAMP, activity_type SMALLINT, steps INTEGER, active_ms BIGINT, moderate_total_min INTEGER,
        vigorous_total_min INTEGER, moderate_increment_min INTEGER, vigorous_increment_min INTEGER)[]
);
-- Minutes of one time, of one file and device, are of different rows: in a row each is later than the one before.
INSERT INTO minutes
SELECT file_id, participant_id, device_id, metric, local_date, min(start_time), max(start_time),
       list({'start_time': start_time, 'value': "value"} ORDER BY start_time)
FROM (
    SELECT *, row_number() OVER (PARTITION BY file_id, device_id, metric, start_time ORDER BY rowid) AS nth
    FROM minute WHERE file_id % 32 = $part
) GROUP BY file_id, participant_id, device_id, metric, local_date, nth
ORDER BY file_id, device_id, metric, local_date, nth;
INSERT INTO readings
SELECT file_id, participant_id, device_id, local_date, min(end_time), max(end_time), list({
    'end_time': end_time, 'activity_type': activity_type, 'steps': steps, 'active_ms': active_ms,
    'moderate_total_min': moderate_total_min, 'vigorous_total_min': vigorous_total_min,
    'moderate_increment_min': moderate_increment_min, 'vigorous_increment_min': vigorous_increment_min}
    ORDER BY rowid)
FROM reading WHERE file_id % 32 = $part
GROUP BY file_id, participant_id, device_id, local_date ORDER BY file_id, device_id, local_date;
DROP TABLE minute;
DROP TABLE reading;
