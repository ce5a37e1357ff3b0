"""The documentation, and what writes it from the taps."""
