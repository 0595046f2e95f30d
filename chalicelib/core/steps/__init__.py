"""What is changed to contain an instance, and to give it back: plans and checks, as data."""
