"""What clients are shown: the bodies of answers."""
