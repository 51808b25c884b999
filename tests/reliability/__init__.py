"""What the program says to bad inputs; docs/reliability.md is made of it."""
