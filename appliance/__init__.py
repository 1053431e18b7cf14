"""What runs on a booth: small services that share facts on disk."""
