"""``--doctor``: asks the live account what the vendor's documents leave open."""
