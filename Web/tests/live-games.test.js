import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

/** @type {import('node:http').ServerResponse | undefined} */
let stream;
/** @type {(string | undefined)[]} */
const reads = [];
/** @type {string[]} */
const commands = [];
/** Whether an own change is echoed before it is answered. */
let echoesFirst = false;
const echo = (/** @type {number} */ number) => stream?.write(
    `id: e-${number}\ndata: {"type":"game_updated","game_id":"g","version":${number},"command_id":"${commands.at(-1)}"}\n\n`);

// As of two processes: whoever reads without a cursor may be answered by the one that doesn't know the change yet.
const server = createServer((request, response) => {
    const json = (/** @type {unknown} */ body) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/api/v1/sse/game-updates') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: e-1\nevent: ready\ndata: {"resumed":false}\n\n');
        stream = response;
    } else if (request.method === 'POST') {
        commands.push(String(request.headers['idempotency-key']));
        if (!echoesFirst) return json({});
        echo(3);
        setTimeout(() => json({}), 100);
    } else {
        const cursor = String(request.headers['tandem-cursor']);
        reads.push(cursor);
        json({ id: 'g', guild_id: '1', participants: [], version: Number(cursor.slice(2)) });
    }
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
// The page, as far as it's needed here.
const page = Object.assign(new EventTarget(), { baseURI: `http://127.0.0.1:${port}/` });
Object.assign(globalThis, { document: page, window: new EventTarget() });
const { LiveGames } = await import('../app/games/live-games.js');
const { client } = await import('../app/server.js');

after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
});

/** @param {() => unknown} condition */
async function until(condition) {
    const deadline = Date.now() + 5000;
    while (!condition()) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
        await new Promise((resolve) => setImmediate(resolve));
    }
}

test('an own change is shown even if the read after it was answered without it, and is read only once otherwise', async () => {
    const games = new LiveGames(/** @type {any} */ ({ user: null }));
    games.start();
    await until(() => client.state.phase === 'live');
    await games.join('g');
    assert.equal(games.collection.confirmed('g')?.version, 1, 'the other process answered');
    echo(2);
    await until(() => games.collection.confirmed('g')?.version === 2);
    assert.deepEqual(reads, ['e-1', 'e-2']);
    echoesFirst = true;
    await games.join('g');
    assert.equal(games.collection.confirmed('g')?.version, 3);
    assert.deepEqual(reads, ['e-1', 'e-2', 'e-3']);
    games.stop();
});
