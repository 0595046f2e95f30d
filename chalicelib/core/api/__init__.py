"""What a request says, and what it is answered with."""
