"""What is done about a finding, and how far Cordon may go on its own."""
