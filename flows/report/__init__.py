"""The report: an HTML site that works from a file. One module per page, its template beside it."""
