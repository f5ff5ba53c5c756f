"""A proxy whose connections can be cut: nothing passes any more, and neither end is closed."""

import selectors
import socket
import threading

from .process import free_port


class Wire:
    """Forwards connections to a port of loopback, on one thread. `port` is the near end."""

    def __init__(self, target):
        self.target = target
        self.port = free_port()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.pairs, self.lost = {}, []
        self.is_cut = self.stopping = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cut(self):
        """Nothing passes any more, neither on the connections that there are nor on new ones."""
        with self.lock:
            self.is_cut = True
            for end in self.pairs:
                self.selector.unregister(end)

    def mend(self):
        """New connections pass. Those that were cut stay as they are: what was on the wire is gone."""
        with self.lock:
            self.is_cut = False
            self.lost += self.pairs
            self.pairs = {}

    def run(self):
        while not self.stopping:
            for key, _ in self.selector.select(0.05):
                with self.lock:
                    if key.fileobj is self.listener:
                        self.accept()
                    elif key.fileobj in self.pairs and not self.is_cut:
                        self.forward(key.fileobj)

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
        for end, other in ((near, far), (far, near)):
            end.settimeout(5)
            self.pairs[end] = other
            self.selector.register(end, selectors.EVENT_READ)

    def forward(self, end):
        other = self.pairs[end]
        try:
            data = end.recv(262_144)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        for each in (end, other):
            self.selector.unregister(each)
            del self.pairs[each]
            each.close()

    def close(self):
        self.stopping = True
        self.thread.join(5)
        for each in [self.listener, *self.pairs, *self.lost]:
            each.close()
        self.selector.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
