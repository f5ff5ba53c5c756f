"""Which process leads: whoever holds the advisory lock, found by the port of its connection."""

import pathlib

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def lock_key(name):
    """FNV-1a, as the server numbers its locks."""
    value = 0xCBF29CE484222325
    for byte in f"tandem lead {name}".encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def leader_port(postgres, name):
    """The port of the connection of whoever leads in this; nothing while nobody does."""
    key = lock_key(name)
    found = postgres.sql(
        "SELECT client_port FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted "
        f"AND classid::bigint = {key >> 32} AND objid::bigint = {key & 0xFFFFFFFF}").split()
    return int(found[0]) if found else None


def process_of(port, members):
    """The member of a fleet from whose port a connection comes (Linux)."""
    sockets = set()
    for table in TABLES:
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            columns = line.split()
            if int(columns[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{columns[9]}]")
    for member in members:
        for file in pathlib.Path(f"/proc/{member.process.pid}/fd").glob("*"):
            try:
                if str(file.readlink()) in sockets:
                    return member
            except OSError:
                continue
    return None
