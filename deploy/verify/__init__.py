"""`make verify-aws`: an exercise on a real account, from the making of two instances to a proof."""
