"""Whether this Python can set up an environment; one line says what is missing. Any Python since 2.6 can run it."""

import sys

NAME = sys.argv[1]


def missing():
    """What is missing, and the remedy; nothing where all is there."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is run by older ones, to be told
        found = ".".join(map(str, sys.version_info[:3]))
        return "Python 3.11 or later; " + NAME + " is " + found + ". Name another one: make PYTHON=python3.12"
    try:
        import ensurepip  # noqa: F401 - a Debian without the package python3-venv lacks it
        import venv  # noqa: F401
    except ImportError:
        package = "python" + ".".join(map(str, sys.version_info[:2])) + "-venv"
        return "the module ensurepip, which " + NAME + " lacks. On Debian or Ubuntu: apt install " + package


if __name__ == "__main__":
    lacks = missing()
    sys.exit("needed: " + lacks if lacks else 0)
