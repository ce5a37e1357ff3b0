"""``make demo``: all four taps against the sandbox, through Meltano, into one DuckDB file."""
