"""Tests against the real parts: Kafka, Triton, PostgreSQL, an S3 server, an RTSP server, a browser."""
