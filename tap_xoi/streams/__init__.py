"""The streams: columns, keys, and how each is read."""
