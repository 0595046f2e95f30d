"""The roads to AWS and back: `make package`, `deploy`, `smoke`, `destroy`."""
