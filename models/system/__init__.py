"""What operating systems do differently, a module for each concern: locks, files, processes, bounds, confinement.

Linux and macOS are one branch, Windows the other. No other room imports a module that one of them has not, or asks
which it is on (`tests/test_portable.py`, the linter); what cannot be had on a system is said where the branch is.
"""
