"""A browser's own WebSocket against the server's, over the sandbox's gateway."""

from browser import PageTest

ASK = """
async (address) => {
    const seen = [];
    const socket = new WebSocket(address);
    const closed = new Promise((resolve) => { socket.onclose = (event) => resolve([event.code, event.wasClean]); });
    const acknowledged = new Promise((resolve) => {
        socket.onmessage = ({ data }) => {
            const message = JSON.parse(data);
            seen.push(message.op);
            if (message.op === 10) {
                // Long enough for several frames in a browser's eyes, and for compression to matter.
                socket.send(JSON.stringify({ op: 1, d: null, padding: 'ü🎲'.repeat(400) }));
            }
            if (message.op === 11) resolve();
        };
    });
    const late = new Promise((resolve) => setTimeout(resolve, 10_000, ['late', false]));
    await Promise.race([acknowledged, closed, late]);
    if (socket.readyState === WebSocket.OPEN) socket.send('this is not JSON');
    return { extensions: socket.extensions, seen, closed: await Promise.race([closed, late]) };
}
"""


class WebSockets(PageTest):
    def test_chromium_connects_compresses_sends_heartbeats_and_learns_why_it_is_closed(self):
        page = self.open("/games")
        page.goto(self.server.sandbox_url + "/")
        result = page.evaluate(ASK, self.server.sandbox_url.replace("http", "ws") + "/gateway?v=10&encoding=json")
        self.assertEqual(result["seen"], [10, 11])
        self.assertEqual(result["closed"], [4002, True])
        self.assertIn(result["extensions"], ("", "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
                                             "permessage-deflate; server_no_context_takeover; client_no_context_takeover"))
