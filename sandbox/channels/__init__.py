"""Where the demo's channels lead: a receiver on this machine, and its page."""
