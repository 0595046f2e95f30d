"""`cordon console`: what the command does, on one screen in the browser; no infrastructure."""
