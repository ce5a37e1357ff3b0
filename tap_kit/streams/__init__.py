"""What a tap's author writes: streams, their schemas, and what fetches them."""
