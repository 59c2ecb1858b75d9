"""What a person asks: why, which day, how things stand, what is wrong."""
