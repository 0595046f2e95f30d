"""The measured claims of the README, each a function that returns a line and raises if it fails."""
