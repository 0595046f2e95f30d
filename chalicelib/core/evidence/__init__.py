"""What is kept of an incident, and under which name."""
