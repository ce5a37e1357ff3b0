"""From what readers bring to messages on stdout and bookmarks in the state."""
