"""Both roads to AWS, again and again, on an AWS that others wrote (`make roads`)."""
