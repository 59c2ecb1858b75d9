"""The tests that every reader passes: ours (tests/), and those of other packages (docs/plugins.md).

`python -m stepwindow.testing READER SAMPLES` runs them, `checks_of` gives them to pytest.
"""

from connectors.testing.checks import checks_of as checks_of
