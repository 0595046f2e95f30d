"""What each route answers: a request is read, one flow called, its answer shaped."""
