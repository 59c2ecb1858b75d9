"""The version of this code, as it stands in every row that a run writes."""

from importlib.metadata import version

CODE_VERSION = version("stepwindow")
