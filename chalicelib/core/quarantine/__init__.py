"""The record of a quarantine, its life, and the order that ends it."""
