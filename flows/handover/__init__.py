"""Hand-over: the published database as files for somebody else's tools."""
