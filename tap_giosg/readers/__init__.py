"""What reads giosg's streams."""
