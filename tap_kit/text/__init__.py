"""JSON, what a body is, secrets and signed links in texts, and what no target can store."""
