"""Which rules count (docs/rules.md), and which form the published relations have (models/sql/publish/form).

`python -m tests.versions` raises a number where what it stands for is another; tests/versions.csv has all of them.
"""

RULES_VERSION = "1"
SCHEMA_VERSION = "1"
