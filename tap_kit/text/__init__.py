"""JSON, GraphQL documents, and secrets in texts."""
