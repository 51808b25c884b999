"""Reading official checkpoints, one file for each format."""
