"""The ways to read: streams name one of them in their classes."""
