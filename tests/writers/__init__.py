"""Writers of vendor files, for tests and for the sample study."""
