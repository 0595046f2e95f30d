"""What an owner asks about a policy before it is deployed: is it right, what would it change?"""
