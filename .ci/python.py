"""Whether this Python can set up an environment; one line says what is missing. Any Python since 2.6 can run it."""

import sys

NAME = sys.argv[1]


def missing():
    """What is missing, and the remedy; nothing where all is there."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is run by older ones, to be told
        found = "{}.{}.{}".format(*sys.version_info[:3])
        return "Python 3.11 or later; {} is {}. Name another one: make PYTHON=python3.12".format(NAME, found)
    try:
        import ensurepip  # noqa: F401 - a Debian without the package python3-venv lacks it
        import venv  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        return "the module ensurepip, which {} lacks. On Debian or Ubuntu: apt install {}".format(NAME, package)


if __name__ == "__main__":
    lacks = missing()
    sys.exit("needed: " + lacks if lacks else 0)
