"""What the flows need from the world."""
