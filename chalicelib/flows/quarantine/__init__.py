"""What several entry points do to a quarantine: look, cut, finish, give back, tell."""
