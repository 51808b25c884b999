"""One archive on many machines, by an engine that people have."""
