"""A vehicle registry for trying things out: invented owners, real dialects, faults on request.

It says in every answer that it is a simulator (`X-RTO-Source: simulator` and a field of the body), holds
no real person, and is never a fallback for a registry that does not answer.
"""
