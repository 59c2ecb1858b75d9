"""The tests that every reader passes: `checks_of` gives them to pytest (docs/plugins.md).

`python -m stepwindow.testing READER SAMPLES` runs them.
"""

import sys

from connectors.testing.__main__ import main
from connectors.testing.checks import checks_of as checks_of

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
