"""What stepwindow is about: days, goals, verdicts, and the store that keeps them. Imports nothing of ours."""
