"""What is installed from a wheel, in an environment of its own."""
