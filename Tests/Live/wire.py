"""A proxy whose connections can be cut: nothing passes any more, and neither end is closed."""

import selectors
import socket
import threading

from .process import free_port

# What is on its way to an end that doesn't read; beyond it, the other one has to wait.
IN_FLIGHT = 1 << 20


class End:
    """One end of a connection that passes through."""

    def __init__(self, socket):
        socket.setblocking(False)
        self.socket, self.other = socket, None
        self.out = bytearray()
        self.has_ended = False
        self.watched = 0


class Wire:
    """Forwards connections to a port of loopback, on one thread. `port` is the near end."""

    def __init__(self, target):
        self.target = target
        self.port = free_port()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.ends, self.lost = set(), []
        self.is_cut = self.stopping = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cut(self):
        """Nothing passes any more, neither on the connections that there are nor on new ones."""
        with self.lock:
            self.is_cut = True
            self.watch_all()

    def mend(self):
        """New connections pass. Those that were cut stay as they are: what was on the wire is gone."""
        with self.lock:
            self.is_cut = False
            self.lost += [end.socket for end in self.ends]
            self.ends = set()

    def resume(self):
        """What was on the wire arrives, on the connections that there were, as when TCP sends it again."""
        with self.lock:
            self.is_cut = False
            self.watch_all()

    def carries(self, port):
        """Whether one of the connections reaches its target from this port."""
        with self.lock:
            # What was lost counts: for its target, it is still there.
            for each in [*(end.socket for end in self.ends), *self.lost]:
                try:
                    if each.getsockname()[1] == port:
                        return True
                except OSError:
                    continue
        return False

    def watch_all(self):
        for end in self.ends:
            self.watch(end)

    def watch(self, end):
        wanted = 0
        if not self.is_cut:
            reads = not end.has_ended and len(end.other.out) < IN_FLIGHT
            wanted = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if end.out else 0)
        if wanted == end.watched:
            return
        if not end.watched:
            self.selector.register(end.socket, wanted, end)
        elif not wanted:
            self.selector.unregister(end.socket)
        else:
            self.selector.modify(end.socket, wanted, end)
        end.watched = wanted

    def run(self):
        while not self.stopping:
            for key, events in self.selector.select(0.05):
                with self.lock:
                    if key.fileobj is self.listener:
                        self.accept()
                    elif key.data in self.ends and not self.is_cut:
                        self.forward(key.data, events)

    def accept(self):
        near, _ = self.listener.accept()
        if self.is_cut:
            self.lost.append(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            near.close()
            return
        for each in (near, far):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one, two = End(near), End(far)
        one.other, two.other = two, one
        self.ends |= {one, two}
        self.watch(one)
        self.watch(two)

    def forward(self, end, events):
        try:
            if events & selectors.EVENT_READ:
                data = end.socket.recv(262_144)
                end.has_ended = not data
                end.other.out += data
                self.send(end.other)
            if events & selectors.EVENT_WRITE:
                self.send(end)
        except BlockingIOError:
            pass
        except OSError:
            return self.end(end)
        for each in (end, end.other):
            if each.has_ended and not each.other.out:
                return self.end(each)
        self.watch(end)
        self.watch(end.other)

    def send(self, end):
        if end.out:
            try:
                del end.out[:end.socket.send(end.out)]
            except BlockingIOError:
                pass

    def end(self, end):
        for each in (end, end.other):
            if each.watched:
                self.selector.unregister(each.socket)
            self.ends.discard(each)
            each.socket.close()

    def close(self):
        self.stopping = True
        self.thread.join(5)
        for each in [self.listener, *(end.socket for end in self.ends), *self.lost]:
            each.close()
        self.selector.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
