"""What runs once inside containers: keys, accounts and buckets of a compose installation."""
