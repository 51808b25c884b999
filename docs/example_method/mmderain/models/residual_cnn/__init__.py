"""ResidualCNN: the example of docs/contributing.md."""
