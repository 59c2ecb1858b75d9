"""The steps from inbox to verdict, and what they stand on. Knows no engine."""
