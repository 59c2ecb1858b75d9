"""What connectors are made of: containers, tables, rows, times, limits."""
