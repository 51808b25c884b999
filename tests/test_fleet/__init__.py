"""Workers of Ray; ``make test-install`` runs this where Ray is installed."""
