"""Singer tap for Librestream Onsight Flow."""
