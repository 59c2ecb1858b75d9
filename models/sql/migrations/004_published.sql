-- The file that was published last, as it was left: what the next one may begin with (models/store/publish.py).
CREATE TABLE published (
    file TEXT, form TEXT, bytes BIGINT, mtime_ns BIGINT,
    bytes_anew BIGINT                    -- how large it was when it was last written from nothing
);
