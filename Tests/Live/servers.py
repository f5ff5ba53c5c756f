"""PostgreSQL, RabbitMQ, Redis and nginx for tests: on free ports of loopback, in a temporary folder, ended by their process ids."""

import contextlib
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from .process import free_port
from .waiting import until


class Missing(Exception):
    pass


def program(name, package, *folders):
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin"]))
    if not found:
        raise Missing(f"{name} is not installed: Scripts/install services (or apt-get install {package})")
    return found


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """One server's process. `user` is the account it runs under when the tests run as root, which some servers refuse."""

    name = "server"
    user = None
    start_timeout = 60

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix=f"tandem-{self.name}-", ignore_cleanup_errors=True)
        self.folder = pathlib.Path(self.holder.name)
        self.port = free_port()
        self.process = None
        self.give(self.folder)

    def give(self, path):
        if self.user and os.geteuid() == 0:
            owner = pwd.getpwnam(self.user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def as_user(self, command):
        if not self.user or os.geteuid() != 0:
            return command
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command]

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        self.give(path)
        return path

    def spawn(self, command, environment=None):
        """In a group of its own, so that Ctrl-C reaches it only through us."""
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                self.as_user(command), cwd=self.folder, env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)

    def output(self):
        return (self.folder / "output.txt").read_text(errors="replace")[-3000:]

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def is_ready(self):
        return accepts(self.port)

    def start(self):
        self.process = self.spawn(self.command(), self.environment())

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.output()}")
            return self.is_ready()

        until(ready, self.start_timeout, f"the start of {self.name}", every=0.05)
        return self

    def end(self, signal_number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def stop(self):
        """As an administrator would."""
        self.end(signal.SIGTERM)

    def kill(self):
        """As a crash would."""
        self.end(signal.SIGKILL)

    def freeze(self):
        """Stops answering without closing a connection."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.thaw()
        self.stop()
        self.holder.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


class Database:
    """One database of a PostgreSQL server."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.url = f"postgres://postgres@127.0.0.1:{server.port}/{name}"

    def sql(self, statement):
        return self.server.sql(statement, self.name)


class PostgreSQL(Server):
    name = "postgresql"
    user = "postgres"

    def __init__(self):
        super().__init__()
        self.folders = sorted(
            glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]), reverse=True)
        made = subprocess.run(
            self.as_user([
                program("initdb", "postgresql", *self.folders), "-D", str(self.folder / "data"), "-U", "postgres",
                "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]),
            cwd=self.folder, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def database(self, name):
        """Makes a new, empty database."""
        self.sql(f"CREATE DATABASE {name}")
        return Database(self, name)

    def sql(self, statement, database="postgres"):
        done = subprocess.run(
            [program("psql", "postgresql", *self.folders), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d",
             database, "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", statement],
            capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command(self):
        return [
            program("postgres", "postgresql", *self.folders), "-D", str(self.folder / "data"), "-p", str(self.port),
            "-c", f"unix_socket_directories={self.folder}", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]

    def is_ready(self):
        return subprocess.run(
            [program("pg_isready", "postgresql", *self.folders), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0

    def stop(self):
        # Connections are ended, transactions undone.
        self.end(signal.SIGINT)

    def copy(self):
        """A copy of its files as they are now, taken while it runs: `go_back` continues from it."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="copy-", dir=self.folder))
        self.give(folder)
        done = subprocess.run(
            self.as_user([
                program("pg_basebackup", "postgresql", *self.folders), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
                "-D", str(folder / "data"), "--checkpoint=fast", "--wal-method=stream", "--no-sync"]),
            cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return folder / "data"

    def go_back(self, copy, look=None):
        """Crashes, and is at the same address what it was when the copy was taken, as after a failover to a server that lagged.
        Returns what `look()` finds in what is lost, which nobody else sees any more.
        """
        self.kill()
        found = None
        if look:
            port, self.port = self.port, free_port()
            try:
                self.start()
                found = look()
                self.stop()
            finally:
                self.port = port
        shutil.rmtree(self.folder / "data")
        copy.rename(self.folder / "data")
        self.start()
        return found

    def processes(self):
        """Its own and those of its connections, each of which leads a group of its own."""
        main, found = self.process.pid, []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                # The parent is the second field after the name, which stands in parentheses.
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == main:
                    found.append(int(folder.name))
        return [main, *found]

    def signal(self, number):
        # The main process first: it starts no other then.
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """As a power cut would: all its processes at once, so that none holds the port or the memory of the others."""
        if self.process and self.process.poll() is None:
            processes = self.processes()
            self.signal(signal.SIGKILL)
            self.end(signal.SIGKILL)
            until(lambda: not any(os.path.exists(f"/proc/{each}/exe") for each in processes), 20, "the end of all processes")


class Redis(Server):
    name = "redis"

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self):
        return [
            program("redis-server", "redis-server"), "--save", "", "--appendonly", "no", "--dir", str(self.folder),
            "--bind", "127.0.0.1", "--daemonize", "no", "--port", str(self.port)]


class RabbitMQ(Server):
    """With a node name, a folder and a port mapper of its own."""

    name = "rabbitmq"
    user = "rabbitmq"
    start_timeout = 90
    scripts = "/usr/lib/rabbitmq/bin"

    def __init__(self):
        super().__init__()
        self.mapper_port, self.cluster_port = free_port(), free_port()
        self.write("rabbitmq.conf", "\n".join([
            f"listeners.tcp.1 = 127.0.0.1:{self.port}", "log.console = true", "log.console.level = warning",
            "log.file = false", "disk_free_limit.absolute = 50MB", ""]))
        self.write("plugins", "[].")
        self.mapper = self.spawn(
            [program("epmd", "rabbitmq-server"), "-port", str(self.mapper_port), "-address", "127.0.0.1"])

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}"

    def command(self):
        return [program("rabbitmq-server", "rabbitmq-server", self.scripts)]

    def environment(self):
        folder = self.folder
        return {
            "HOME": str(folder), "RABBITMQ_NODENAME": f"t{self.mapper_port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.cluster_port), "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # The script then becomes the server instead of watching it, so that its process is the one to end.
            "RUNNING_UNDER_SYSTEMD": "true", "NOTIFY_SOCKET": "",
            # Threads that spin while they wait would take the machine from everybody else.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        }

    def close(self):
        super().close()
        self.mapper.terminate()
        self.mapper.wait(10)


class Nginx(Server):
    """A reverse proxy as docs/operations.md describes it, without TLS."""

    name = "nginx"

    def __init__(self, api, hubs, port=None):
        """`api` and `hubs` are lists of ports."""
        super().__init__()
        self.port = port or self.port
        self.api, self.hubs = api, hubs

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        servers = lambda ports, more="": " ".join(f"server 127.0.0.1:{port} max_fails=0{more};" for port in ports)
        temporary = "\n".join(
            f"  {name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        forwarded = """
      proxy_http_version 1.1;
      proxy_connect_timeout 2s;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;"""
        self.write("nginx.conf", f"""
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
{temporary}
  upstream tandem_api {{ {servers(self.api)} {servers(self.hubs, " backup")} keepalive 16; }}
  upstream tandem_hub {{ {servers(self.hubs)} }}
  server {{
    listen 127.0.0.1:{self.port};
    location / {{
      proxy_pass http://tandem_api;{forwarded}
    }}
    location ~ ^/api/v1/(sse/|stream) {{
      proxy_pass http://tandem_hub;{forwarded}
      proxy_buffering off;
      proxy_cache off;
      proxy_read_timeout 75s;
    }}
    location ~ ^/(internal|metrics|readyz|healthz) {{ return 404; }}
  }}
}}
""")
        return [program("nginx", "nginx-light"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def stop(self):
        self.end(signal.SIGTERM)
