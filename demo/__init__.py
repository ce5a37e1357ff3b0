"""``make demo``: all four taps against the sandbox, through Meltano, into DuckDB; dbt on top."""
