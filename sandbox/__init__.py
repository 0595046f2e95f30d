"""AWS on your machine: moto made faithful, deliveries, the demo world, and the replay."""
