import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, afterEach, test } from 'node:test';
import { openEventSource } from '../sdk/transport.js';

/** An EventSource that the server has refused, as browsers report it: without a status. */
class RefusedSource extends EventTarget {
    static CLOSED = 2;
    readyState = RefusedSource.CLOSED;
    onerror = () => {};

    constructor() {
        super();
        queueMicrotask(() => this.onerror());
    }

    close() {}
}

const earlier = globalThis.EventSource;
globalThis.EventSource = /** @type {any} */ (RefusedSource);
after(() => {
    globalThis.EventSource = earlier;
});
/** @type {(() => void)[]} */
const endings = [];
afterEach(() => {
    for (const end of endings.splice(0)) end();
});

/** @param {import('node:http').RequestListener} handle */
async function open(handle) {
    const server = createServer(handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    /** @type {any[]} */
    const log = [];
    const stream = openEventSource(
        { url: `http://127.0.0.1:${port}/stream`, cursor: 'e-1', getToken: undefined },
        { event: (event) => log.push(event), failed: (failure) => log.push(failure) },
    );
    endings.push(() => {
        stream.close();
        server.closeAllConnections();
        server.close();
    });
    return { stream, log };
}

/** @param {() => unknown} condition */
async function until(condition) {
    const deadline = Date.now() + 5000;
    while (!condition()) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
        await new Promise((resolve) => setImmediate(resolve));
    }
}

test('a refused stream that is admitted when asked again is used, not thrown away', async () => {
    let requests = 0;
    let isOpen = false;
    const { stream, log } = await open((request, response) => {
        requests += 1;
        isOpen = true;
        response.on('close', () => {
            isOpen = false;
        });
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`id: e-2\ndata: ${request.headers['last-event-id']}\n\n`);
    });
    await until(() => log.length === 1);
    assert.deepEqual(log, [{ type: 'message', id: 'e-2', data: 'e-1' }]);
    assert.deepEqual([requests, isOpen], [1, true]);
    stream.close();
    await until(() => !isOpen);
    assert.equal(log.length, 1, 'closing it is no failure');
});

test('the reason for refusing a stream is found out', async () => {
    const { log } = await open((request, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await until(() => log.length === 1);
    assert.deepEqual(log, [{ reason: 'http', status: 429, retryAfter: 7000 }]);
});
