"""An S3 server made ready: accounts, buckets, and the policies that say who may do what."""
