"""The HTTP layer of all taps: requests as data, and one client that all threads share."""
