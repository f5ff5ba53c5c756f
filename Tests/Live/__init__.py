"""Drives the built program over real sockets: processes, visitors with a session, event streams, the sandbox's scripts."""
