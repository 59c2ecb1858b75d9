"""The store and the published database: the only room that imports duckdb."""
