"""Every way in which workers can get in each other's way, and die, up to a stated bound."""
