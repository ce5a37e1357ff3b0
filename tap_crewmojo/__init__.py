"""Singer tap for Crewmojo."""
