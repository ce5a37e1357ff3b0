"""The HTTP layer of all taps: calls as data, one client for all threads."""
