"""Where settings become clients, and clients what a flow works with."""
