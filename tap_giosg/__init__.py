"""Singer tap for giosg."""
