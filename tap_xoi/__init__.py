"""Singer tap for XOi."""
