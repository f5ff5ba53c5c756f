import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection } from '../sdk/collection.js';

/** @param {(key: string) => Promise<any>} [read] */
const make = (read = async () => null) =>
    new Collection({ key: (value) => value.id, version: (value) => value.version, read });

test('the newest version wins, in whatever order they arrive', () => {
    const games = make();
    assert.equal(games.put({ id: 'a', version: 2, n: 2 }), true);
    assert.equal(games.put({ id: 'a', version: 1, n: 1 }), false);
    assert.equal(games.get('a').n, 2);
});

test('reads of one value are coalesced, and the last request is answered by a read that began after it', async () => {
    let reads = 0;
    /** @type {(() => void)[]} */
    const release = [];
    const games = make((id) => new Promise((resolve) => {
        const version = ++reads;
        release.push(() => resolve({ id, version }));
    }));
    const first = games.refresh('a');
    const later = [games.refresh('a'), games.refresh('a'), games.refresh('a')];
    assert.equal(reads, 1);
    release[0]?.();
    assert.equal((await first).version, 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reads, 2);
    release[1]?.();
    for (const wish of later) assert.equal((await wish).version, 2);
    assert.equal(reads, 2);
});

test('a failed read does not prevent the next one', async () => {
    let reads = 0;
    const games = make(async (id) => {
        reads += 1;
        if (reads === 1) throw new Error('down');
        return { id, version: 1 };
    });
    const [first, second] = await Promise.allSettled([games.refresh('a'), games.refresh('a')]);
    assert.equal(first.status, 'rejected');
    assert.equal(second.status, 'fulfilled');
    assert.equal(games.get('a').version, 1);
});

test('a deleted value is removed and reported', async () => {
    const games = make();
    games.put({ id: 'a', version: 1 });
    /** @type {any[]} */
    const changes = [];
    games.addEventListener('change', (event) => changes.push(/** @type {CustomEvent} */ (event).detail));
    assert.equal(await games.refresh('a'), null);
    assert.equal(games.get('a'), undefined);
    assert.equal(changes[0].current, undefined);
});

test('layers apply on top of the server’s value, survive its updates, and are dropped once', () => {
    const games = make();
    games.put({ id: 'a', version: 1, people: ['x'] });
    const join = (/** @type {any} */ value) => (value.people.includes('me') ? value : { ...value, people: [...value.people, 'me'] });
    const drop = games.layer('a', join);
    assert.deepEqual(games.get('a').people, ['x', 'me']);
    assert.equal(games.isPending('a'), true);
    games.put({ id: 'a', version: 2, people: ['x', 'y'] });
    assert.deepEqual(games.get('a').people, ['x', 'y', 'me']);
    games.put({ id: 'a', version: 3, people: ['x', 'y', 'me'] });
    drop();
    drop();
    assert.deepEqual(games.get('a').people, ['x', 'y', 'me']);
    assert.equal(games.isPending('a'), false);
});

test('responses that arrive after clearing are ignored', async () => {
    /** @type {(value: any) => void} */
    let answer = () => {};
    const games = make(() => new Promise((resolve) => {
        answer = resolve;
    }));
    const reading = games.refresh('a');
    games.clear();
    answer({ id: 'a', version: 1 });
    assert.equal(await reading, null);
    assert.equal(games.get('a'), undefined);
});

test('events within the delay are read together, once it is over', async () => {
    /** @type {number[]} */
    const reads = [];
    const begun = Date.now();
    const games = make(async (id) => {
        reads.push(Date.now() - begun);
        return { id, version: 4 };
    });
    const wishes = [2, 4, 3].map((version) => games.changed('a', { version, delay: 40 }));
    assert.equal(reads.length, 0);
    for (const wish of wishes) assert.equal((await wish).version, 4);
    assert.equal(reads.length, 1);
    assert.ok((reads[0] ?? 0) >= 39);
});

test('what has arrived already is not read', async () => {
    let reads = 0;
    const games = make(async (id) => ({ id, version: ++reads + 10 }));
    games.put({ id: 'a', version: 3 });
    assert.equal((await games.changed('a', { version: 3 })).version, 3);
    const waiting = games.changed('a', { version: 5, delay: 30 });
    games.put({ id: 'a', version: 5 });
    assert.equal((await waiting).version, 5);
    assert.equal(reads, 0);
    assert.equal((await games.changed('a', { version: 6 })).version, 11);
    assert.equal((await games.changed('a')).version, 12, 'without a version it is read');
});

test('what was forgotten while it waited is not read', async () => {
    let reads = 0;
    const games = make(async (id) => ({ id, version: ++reads }));
    const waiting = games.changed('a', { delay: 20 });
    games.clear();
    const again = games.changed('a', { delay: 40 });
    assert.equal(await waiting, null);
    assert.equal((await again).version, 1);
    assert.equal(reads, 1);
});
