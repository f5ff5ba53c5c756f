import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, test } from 'node:test';
import { createClient } from '../sdk/index.js';

/** @type {(() => Promise<void> | void)[]} */
const endings = [];
afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
});

/** @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} handle */
async function serve(handle) {
    const server = createServer(handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => {
        server.closeAllConnections();
        server.close();
    });
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;
}

/** A stream server that reports each opened stream to the test. */
async function serveStreams() {
    /** @type {{request: any, send: (text: string) => void, end: () => void}[]} */
    const streams = [];
    /** @type {{status: number, headers?: Record<string, string>}[]} */
    const refusals = [];
    const url = await serve((request, response) => {
        const refusal = refusals.shift();
        if (refusal) {
            response.writeHead(refusal.status, refusal.headers).end();
            streams.push({ request, send() {}, end() {} });
            return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        streams.push({ request, send: (text) => response.write(text), end: () => response.destroy() });
    });
    const opened = async (/** @type {number} */ count) => {
        await until(() => streams.length >= count);
        return /** @type {typeof streams[0]} */ (streams[count - 1]);
    };
    return { url, streams, refusals, opened };
}

/** @param {() => unknown} condition */
async function until(condition) {
    const deadline = Date.now() + 5000;
    while (!condition()) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
        await new Promise((resolve) => setImmediate(resolve));
    }
}

/** @param {string} url @param {Partial<import('../sdk/client.js').ClientOptions>} [options] */
function connectTo(url, options = {}) {
    const client = createClient({ url, backoff: { min: 10, max: 40 }, ...options });
    endings.push(() => client.close());
    return client;
}

/** @param {import('../sdk/index.js').Subscription} subscription */
function record(subscription) {
    /** @type {any[]} */
    const log = [];
    subscription.on('sync', ({ detail }) => log.push(['sync', detail.recovered, detail.state]));
    subscription.on('event', ({ detail }) => log.push(['event', detail.data.n]));
    subscription.on('resync', ({ detail }) => log.push(['resync', detail.reason]));
    subscription.on('revoked', ({ detail }) => log.push(['revoked', detail.topic]));
    return log;
}

const ready = (/** @type {number} */ n, resumed = false) => `id: e-${n}\nevent: ready\ndata: {"resumed":${resumed}}\n\n`;
const event = (/** @type {number} */ n) => `id: e-${n}\ndata: {"n":${n}}\n\n`;

test('nothing connects before connect, and the last subscription closes the stream', async () => {
    const { url, streams, opened } = await serveStreams();
    const client = connectTo(url);
    const first = client.subscribe('stream');
    assert.equal(client.state.phase, 'idle');
    client.connect();
    const stream = await opened(1);
    const second = client.subscribe('stream');
    stream.send(ready(0));
    await until(() => client.state.phase === 'live');
    assert.equal(streams.length, 1, 'one stream for both');
    first.unsubscribe();
    assert.equal(client.state.phase, 'live');
    second.unsubscribe();
    assert.equal(client.state.phase, 'idle');
    await until(() => stream.request.socket.destroyed);
});

test('events that arrive while the state is being read follow it', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    /** @type {(state: string) => void} */
    let answer = () => {};
    const log = record(client.subscribe('stream', { getState: () => new Promise((resolve) => (answer = resolve)) }));
    client.connect();
    const stream = await opened(1);
    stream.send(ready(4) + event(5) + event(6));
    await until(() => client.state.phase === 'live');
    answer('whole');
    await until(() => log.length === 3);
    assert.deepEqual(log, [['sync', false, 'whole'], ['event', 5], ['event', 6]]);
});

test('a broken stream resumes at its cursor, and duplicate events are dropped', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    const log = record(client.subscribe('stream', { getState: () => 'whole' }));
    client.connect();
    const first = await opened(1);
    first.send(ready(1) + event(2));
    await until(() => log.length === 2);
    first.end();
    const second = await opened(2);
    assert.equal(second.request.headers['last-event-id'], 'e-2');
    second.send(ready(2, true) + event(2) + event(3));
    await until(() => log.length === 4);
    assert.deepEqual(log, [['sync', false, 'whole'], ['event', 2], ['sync', true, undefined], ['event', 3]]);
});

test('when the server no longer knows what was missed, the state is read again', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    let reads = 0;
    const log = record(client.subscribe('stream', { getState: () => ++reads }));
    client.connect();
    const stream = await opened(1);
    stream.send(ready(1));
    await until(() => log.length === 1);
    stream.send('id: f-9\nevent: reset\ndata: {"reason":"foreign_epoch"}\n\n' + 'id: f-10\ndata: {"n":10}\n\n');
    await until(() => log.length === 4);
    assert.deepEqual(log, [['sync', false, 1], ['resync', 'reset'], ['sync', false, 2], ['event', 10]]);
});

test('a state that was still being read when the stream started over is read again', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    /** @type {((state: string) => void)[]} */
    const reads = [];
    const log = record(client.subscribe('stream', { getState: () => new Promise((resolve) => reads.push(resolve)) }));
    client.connect();
    const first = await opened(1);
    first.send(ready(4));
    await until(() => reads.length === 1);
    first.end();
    (await opened(2)).send('id: f-9\nevent: ready\ndata: {"resumed":false}\n\n' + 'id: f-10\ndata: {"n":10}\n\n');
    await until(() => reads.length === 2);
    reads[0]?.('from before');
    reads[1]?.('whole');
    await until(() => log.length === 2);
    assert.deepEqual(log, [['sync', false, 'whole'], ['event', 10]]);
});

test('HTTP errors are retried after the time that the server requests', async () => {
    const { url, refusals, opened } = await serveStreams();
    refusals.push({ status: 503 }, { status: 429, headers: { 'retry-after': '1' } });
    const client = connectTo(url);
    client.subscribe('stream');
    client.connect();
    await opened(2);
    const asked = Date.now();
    (await opened(3)).send(ready(1));
    assert.ok(Date.now() - asked >= 950);
    await until(() => client.state.phase === 'live');
});

test('being signed out is final', async () => {
    const { url, streams, refusals } = await serveStreams();
    refusals.push({ status: 401 });
    const client = connectTo(url);
    let told = 0;
    client.on('signedout', () => (told += 1));
    client.subscribe('stream');
    client.connect();
    await until(() => client.state.phase === 'closed');
    assert.equal(client.state.reason, 'signed_out');
    assert.equal(told, 1);
    client.retryNow();
    assert.equal(streams.length, 1);
});

test('`bye` says when to come back, and retrying now does not wait', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    client.subscribe('stream');
    client.connect();
    const stream = await opened(1);
    stream.send(ready(1) + 'event: bye\ndata: {"reconnect_in_ms":30000}\n\n');
    await until(() => client.state.reason === 'bye');
    assert.ok((client.state.retryAt ?? 0) > Date.now() + 20_000);
    client.retryNow();
    (await opened(2)).send(ready(1, true));
    await until(() => client.state.phase === 'live');
});

test('on `bye` with `signed_out`, it asks at once whether that is so', async () => {
    const { url, refusals, opened } = await serveStreams();
    const client = connectTo(url);
    client.subscribe('stream');
    client.connect();
    const stream = await opened(1);
    refusals.push({ status: 401 });
    stream.send(ready(1) + 'event: bye\ndata: {"reason":"signed_out","reconnect_in_ms":30000}\n\n');
    await until(() => client.state.phase === 'closed');
    assert.equal(client.state.reason, 'signed_out');
});

test('the reason for which the server ended a stream is reported', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    client.subscribe('stream');
    client.connect();
    (await opened(1)).send(ready(1) + 'event: bye\ndata: {"reason":"slow","reconnect_in_ms":30000}\n\n');
    await until(() => client.state.reason === 'slow');
});

test('revoked topics are reported', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    const log = record(client.subscribe('stream'));
    client.connect();
    (await opened(1)).send(ready(1) + 'event: revoked\ndata: {"topic":"guild/1"}\n\n');
    await until(() => log.some(([name]) => name === 'revoked'));
    assert.deepEqual(log.find(([name]) => name === 'revoked'), ['revoked', 'guild/1']);
});

test('a token is sent with streams and requests', async () => {
    /** @type {any[]} */
    const seen = [];
    const url = await serve((request, response) => {
        seen.push([request.url, request.headers.authorization]);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
    const client = connectTo(url, { getToken: async () => 'secret' });
    assert.deepEqual(await client.request('thing'), { ok: true });
    assert.deepEqual(seen, [['/thing', 'Bearer secret']]);
});

test('rejections carry the server’s code and sentence', async () => {
    const url = await serve((request, response) => {
        if (request.url === '/html') return response.writeHead(502, { 'content-type': 'text/html' }).end('<p>');
        response.writeHead(422, { 'content-type': 'application/json' }).end('{"error":{"code":"invalid_title","message":"Too long."}}');
    });
    const client = connectTo(url);
    await assert.rejects(client.request('x'), { status: 422, code: 'invalid_title', message: 'Too long.', isTransient: false });
    await assert.rejects(client.request('html'), { status: 502, code: 'http_502', isTransient: true });
    const nobody = connectTo('http://127.0.0.1:1/');
    await assert.rejects(nobody.request('x'), { status: 0, code: 'unreachable', isTransient: true });
});

test('events of the client’s own commands are marked', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    /** @type {any[]} */
    const own = [];
    client.subscribe('stream').on('event', ({ detail }) => own.push(detail.own));
    client.connect();
    const stream = await opened(1);
    stream.send(ready(1));
    await until(() => client.state.phase === 'live');
    client.command('do', undefined, { id: 'mine' }).catch(() => {});
    stream.send('id: e-2\ndata: {"command_id":"mine"}\n\nid: e-3\ndata: {"command_id":"other"}\n\n');
    await until(() => own.length === 2);
    assert.deepEqual(own, [true, false]);
});

test('another user’s stream ends as if signed out, before any of it is delivered', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    const log = record(client.subscribe('stream'));
    client.connect({ person: 'user/1' });
    const greeting = 'id: e-1\nevent: ready\ndata: {"resumed":false,"principal":"user/2"}\n\n';
    (await opened(1)).send(greeting + event(2));
    await until(() => client.state.reason === 'signed_out');
    assert.deepEqual(log, []);
});

test('a stream doesn’t resume from another user’s position', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    client.subscribe('stream');
    client.connect({ person: 'user/1' });
    (await opened(1)).send('id: e-1\nevent: ready\ndata: {"principal":"user/1"}\n\n' + event(2));
    await until(() => client.state.phase === 'live');
    client.connect({ person: 'user/2' });
    assert.equal((await opened(2)).request.headers['last-event-id'], undefined);
});

test('a stream that missed nothing while disconnected needs no second read', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    const log = record(client.subscribe('stream', { getState: () => 'whole' }));
    client.connect();
    const first = await opened(1);
    first.send(ready(1) + event(2));
    await until(() => log.length === 2);
    first.end();
    (await opened(2)).send(ready(2, false));
    await until(() => log.length === 3);
    assert.deepEqual(log.at(-1), ['sync', true, undefined]);
});

test('requests that read say what has been seen on the stream, so that nothing older is sent', async () => {
    /** @type {any[]} */
    const seen = [];
    /** @type {import('node:http').ServerResponse | undefined} */
    let stream;
    const url = await serve((request, response) => {
        if (request.url === '/stream') {
            response.writeHead(200, { 'content-type': 'text/event-stream' });
            response.write(ready(4));
            stream = response;
            return;
        }
        seen.push([request.method, request.headers['tandem-cursor']]);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const client = connectTo(url);
    await client.request('thing');
    const subscription = client.subscribe('stream', { getState: () => client.request('thing') });
    const log = record(subscription);
    const granted = new Promise((resolve) => subscription.on('granted', resolve));
    client.connect();
    await until(() => log.length === 1);
    stream?.write(event(7) + event(6));
    await until(() => log.length === 2);
    await client.request('thing');
    await client.command('thing');
    stream?.write('id: e-9\nevent: heartbeat\ndata: {"now":1}\n\nevent: granted\ndata: {"topic":"t"}\n\n');
    await granted;
    await client.request('thing');
    assert.deepEqual(seen, [['GET', undefined], ['GET', 'e-4'], ['GET', 'e-7'], ['POST', undefined], ['GET', 'e-9']]);
});

test('where many watch, each event comes with a delay of its own', async () => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    /** @type {number[]} */
    const delays = [];
    client.subscribe('stream').on('event', ({ detail }) => delays.push(detail.delay));
    client.connect();
    const stream = await opened(1);
    stream.send('id: e-0\nevent: ready\ndata: {"watching":16}\n\n' + event(1));
    await until(() => delays.length === 1);
    stream.send('id: e-1\nevent: heartbeat\ndata: {"now":1,"watching":16384}\n\n');
    for (let n = 2; n < 42; n += 1) stream.send(event(n));
    await until(() => delays.length === 41);
    assert.equal(delays[0], 0, 'few may ask at once');
    assert.ok(delays.slice(1).every((delay) => delay >= 0 && delay <= 1639));
    assert.ok(Math.max(...delays) > 800 && new Set(delays).size > 20);
});

test('where many watch the same, they don’t all read at once after a reset, nor when they couldn’t resume', async (context) => {
    const { url, opened } = await serveStreams();
    const client = connectTo(url);
    let reads = 0;
    const log = record(client.subscribe('stream', { getState: () => ++reads }));
    client.connect();
    const crowd = (/** @type {string} */ id) => `id: ${id}\nevent: ready\ndata: {"resumed":false,"watching":100000}\n\n`;
    const first = await opened(1);
    first.send(crowd('e-1'));
    await until(() => log.length === 1);
    // The delays are chosen at random, but never as long as this: only the test ends them.
    context.mock.method(Math, 'random', () => 0.5);
    const { setTimeout } = globalThis;
    /** @type {(() => void)[]} */
    const delayed = [];
    context.mock.method(globalThis, 'setTimeout', (/** @type {any} */ run, /** @type {number} */ after, /** @type {any[]} */ ...more) => {
        if (after === 1500) return void delayed.push(run);
        return setTimeout(run, after, ...more);
    });
    first.send('id: f-9\nevent: reset\ndata: {"reason":"foreign_epoch"}\n\n' + 'id: f-10\ndata: {"n":10}\n\n');
    await until(() => delayed.length === 1);
    assert.equal(reads, 1);
    delayed[0]?.();
    await until(() => log.length === 4);
    assert.deepEqual(log.slice(1), [['resync', 'reset'], ['sync', false, 2], ['event', 10]]);
    first.end();
    (await opened(2)).send(crowd('g-1') + 'id: g-2\ndata: {"n":2}\n\n');
    await until(() => delayed.length === 2);
    assert.equal(reads, 2);
    delayed[1]?.();
    await until(() => log.length === 6);
    assert.deepEqual(log.slice(4), [['sync', false, 3], ['event', 2]]);
});
