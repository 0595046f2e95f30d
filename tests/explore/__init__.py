"""Every state in which workers can get in each other's way, and die."""
