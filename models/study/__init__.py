"""The study as its folder says it: the control files, what a cell can mean, what a bad row holds."""
