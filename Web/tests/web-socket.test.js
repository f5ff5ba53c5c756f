import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { createClient } from '../sdk/index.js';

/** What the tests see of each opened WebSocket. */
class FakeSocket {
    /** @type {FakeSocket[]} */
    static opened = [];
    onopen = () => {};
    onmessage = (/** @type {{data: unknown}} */ _message) => {};
    onclose = () => {};
    isClosed = false;

    /** @param {string} url */
    constructor(url) {
        this.url = url;
        FakeSocket.opened.push(this);
    }

    close() {
        this.isClosed = true;
    }

    /** @param {string} event @param {unknown} payload @param {string} [id] */
    say(event, payload, id) {
        this.onmessage({ data: JSON.stringify({ v: 1, type: 'event', event, id, payload, ts: 1 }) });
    }

    /** @param {string} id @param {boolean} [resumed] */
    greet(id, resumed = false) {
        this.onopen();
        this.say('ready', { cursor: id, resumed, heartbeat_ms: 30_000 }, id);
    }
}

const earlier = globalThis.WebSocket;
/** @type {(() => void)[]} */
const endings = [];
beforeEach(() => {
    FakeSocket.opened = [];
    globalThis.WebSocket = /** @type {any} */ (FakeSocket);
});
afterEach(() => {
    globalThis.WebSocket = earlier;
    for (const end of endings.splice(0)) end();
});

/** @param {() => unknown} condition */
async function until(condition) {
    const deadline = Date.now() + 5000;
    while (!condition()) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
        await new Promise((resolve) => setImmediate(resolve));
    }
}

/** @param {string} [url] */
function connect(url = 'http://tandem.example/') {
    const client = createClient({ url, transport: 'websocket', backoff: { min: 5, max: 20 } });
    endings.push(() => client.close());
    /** @type {any[]} */
    const log = [];
    client.subscribe('api/v1/stream', { getState: () => 'whole' })
        .on('sync', ({ detail }) => log.push(['sync', detail.recovered]))
        .on('event', ({ detail }) => log.push(['event', detail.id, detail.data]))
        .on('resync', ({ detail }) => log.push(['resync', detail.reason]))
        .on('revoked', ({ detail }) => log.push(['revoked', detail.topic]));
    client.connect();
    return { client, log };
}

/** @param {number} number */
const socket = (number) => /** @type {FakeSocket} */ (FakeSocket.opened[number - 1]);

test('events arrive as they do from an event stream', async () => {
    const { client, log } = connect();
    assert.equal(socket(1).url, 'ws://tandem.example/api/v1/stream');
    socket(1).greet('e-4');
    assert.equal(client.state.phase, 'live');
    await until(() => log.length === 1);
    socket(1).say('message', { n: 5 }, 'e-5');
    socket(1).say('revoked', { topic: 'guild/1' });
    assert.deepEqual(log, [['sync', false], ['event', 'e-5', { n: 5 }], ['revoked', 'guild/1']]);
});

test('a WebSocket that breaks resumes at its cursor, and duplicate events are dropped', async () => {
    const { log } = connect('https://tandem.example/here/');
    socket(1).greet('e-1');
    await until(() => log.length === 1);
    socket(1).say('message', 'two', 'e-2');
    socket(1).say('granted', { topic: 'guild/1' });
    socket(1).onclose();
    await until(() => FakeSocket.opened.length === 2);
    assert.equal(socket(2).url, 'wss://tandem.example/here/api/v1/stream?cursor=e-2');
    socket(2).greet('e-2', true);
    socket(2).say('message', 'two', 'e-2');
    socket(2).say('message', 'three', 'e-3');
    assert.deepEqual(log, [['sync', false], ['event', 'e-2', 'two'], ['sync', true], ['event', 'e-3', 'three']]);
});

test('`bye` is honoured, whatever close code follows', async () => {
    const { client } = connect();
    socket(1).greet('e-1');
    socket(1).say('bye', { reason: 'draining', reconnect_in_ms: 30_000 });
    socket(1).onclose();
    assert.equal(client.state.reason, 'bye');
    assert.ok((client.state.retryAt ?? 0) > Date.now() + 20_000);
    assert.ok(socket(1).isClosed);
});

test('after a reset the state is read again', async () => {
    const { log } = connect();
    socket(1).greet('e-1');
    await until(() => log.length === 1);
    socket(1).say('reset', { reason: 'foreign_epoch' }, 'f-7');
    await until(() => log.length === 3);
    socket(1).say('message', 'eight', 'f-8');
    assert.deepEqual(log.slice(1), [['resync', 'reset'], ['sync', false], ['event', 'f-8', 'eight']]);
});

test('unknown messages are ignored', async () => {
    const { client, log } = connect();
    socket(1).greet('e-1');
    await until(() => log.length === 1);
    for (const data of ['', 'null', '{"v":2,"type":"event","event":"message"}', '{"v":1,"type":"other"}', new ArrayBuffer(2)]) {
        socket(1).onmessage({ data });
    }
    assert.equal(client.state.phase, 'live');
    assert.equal(log.length, 1);
});

test('the reason for rejecting a WebSocket is found out', async () => {
    const server = createServer((_request, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    endings.push(() => server.close());
    await once(server, 'listening');
    const { client } = connect(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`);
    socket(1).onclose();
    await until(() => client.state.phase === 'closed');
    assert.equal(client.state.reason, 'signed_out');
});

test('a WebSocket that is no longer needed is closed and reports nothing more', async () => {
    const { client, log } = connect();
    socket(1).greet('e-1');
    await until(() => log.length === 1);
    client.close();
    assert.ok(socket(1).isClosed);
    socket(1).say('message', 'late', 'e-2');
    socket(1).onclose();
    assert.equal(client.state.reason, 'closed');
    assert.equal(log.length, 1);
});

test('a token can’t be used with a WebSocket', () => {
    assert.throws(() => createClient({ url: 'http://x/', transport: 'websocket', getToken: () => 'secret' }), TypeError);
});
