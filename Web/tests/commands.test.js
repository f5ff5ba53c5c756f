import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Commands } from '../sdk/commands.js';
import { RequestError } from '../sdk/request.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A command whose response the test controls, with a log of everything that happens to it. */
function scene() {
    /** @type {string[]} */
    const log = [];
    /** @type {{resolve: (value: any) => void, reject: (error: unknown) => void, options: any}[]} */
    const sent = [];
    const commands = new Commands((path, options) => new Promise((resolve, reject) => sent.push({ resolve, reject, options })), async () => {});
    const options = {
        id: 'c1',
        optimistic: () => {
            log.push('shown');
            return () => log.push('dropped');
        },
        settle: async () => {
            log.push('settled');
        },
    };
    return { commands, options, log, sent };
}

test('the change shows at once and is dropped when the server’s state has been loaded', async () => {
    const { commands, options, log, sent } = scene();
    const run = commands.run('x', undefined, options);
    assert.deepEqual(log, ['shown']);
    assert.equal(sent[0]?.options.headers['idempotency-key'], 'c1');
    sent[0]?.resolve({ ok: true });
    assert.deepEqual(await run, { ok: true });
    assert.deepEqual(log, ['shown', 'settled', 'dropped']);
});

test('an echo before the response settles it, and the response does not settle it again', async () => {
    const { commands, options, log, sent } = scene();
    const run = commands.run('x', undefined, options);
    assert.equal(commands.echoed('c1'), true);
    await turn();
    assert.deepEqual(log, ['shown', 'settled', 'dropped']);
    sent[0]?.resolve(null);
    await run;
    assert.deepEqual(log, ['shown', 'settled', 'dropped']);
    assert.equal(commands.echoed('c1'), true, 'a late echo is still known as ours');
    assert.equal(commands.echoed('somebody else’s'), false);
    assert.equal(commands.echoed(undefined), false);
});

test('a rejection undoes the change and gives the reason', async () => {
    const { commands, options, log, sent } = scene();
    const run = commands.run('x', undefined, options);
    sent[0]?.reject(new RequestError(422, 'closed', 'Too late.'));
    await assert.rejects(run, { code: 'closed', message: 'Too late.' });
    assert.deepEqual(log, ['shown', 'dropped']);
});

test('a command that failed here but takes effect later counts as somebody else’s when its echo arrives', async () => {
    const { commands, options, sent } = scene();
    const run = commands.run('x', undefined, options);
    sent[0]?.reject(new RequestError(0, 'timed_out', 'Too slow.'));
    await assert.rejects(run, { code: 'timed_out' });
    assert.equal(commands.echoed('c1'), false);
});

test('a transient failure is retried under the same id, as often as allowed', async () => {
    const { commands, options, sent } = scene();
    const run = commands.run('x', undefined, { ...options, retries: 2 });
    for (const index of [0, 1]) {
        sent[index]?.reject(new RequestError(503, 'busy', 'Busy.'));
        await turn();
    }
    assert.deepEqual(sent.map((each) => each.options.headers['idempotency-key']), ['c1', 'c1', 'c1']);
    sent[2]?.reject(new RequestError(0, 'unreachable', 'Gone.'));
    await assert.rejects(run, { code: 'unreachable' });
    assert.equal(sent.length, 3);
});

test('without retries nothing is sent twice', async () => {
    const { commands, options, sent } = scene();
    const run = commands.run('x', undefined, options);
    sent[0]?.reject(new RequestError(503, 'busy', 'Busy.'));
    await assert.rejects(run);
    assert.equal(sent.length, 1);
});

test('state that can’t be read after a success is not a failure of the command', async () => {
    const { commands, options, log, sent } = scene();
    const run = commands.run('x', undefined, { ...options, settle: async () => Promise.reject(new Error('down')) });
    sent[0]?.resolve('done');
    assert.equal(await run, 'done');
    assert.deepEqual(log, ['shown', 'dropped']);
});
