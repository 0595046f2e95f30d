"""EC2: instances and their interfaces, security groups, addresses."""
