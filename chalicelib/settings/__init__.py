"""What the deployment says: the environment, policy.toml and channels.toml as frozen values."""
