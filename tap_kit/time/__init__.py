"""Clock, windows, and the settings about time."""
