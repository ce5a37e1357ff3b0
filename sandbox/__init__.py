"""The four vendors as one local HTTP server, with faults: for the demo, tests and benchmarks."""
