import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whicheverGreets } from '../sdk/transport-choice.js';

const request = { url: 'http://x/', cursor: null, getToken: undefined };
const ready = { type: 'ready', id: 'e-1', data: '{}' };

/** Two transports, and which of them opened each stream. */
function bench() {
    let now = 0;
    /** @type {{by: string, handlers: import('../sdk/transport.js').StreamHandlers}[]} */
    const opened = [];
    const by = (/** @type {string} */ name) => (/** @type {any} */ _request, /** @type {any} */ handlers) => {
        opened.push({ by: name, handlers });
        return { close() {} };
    };
    const choose = whicheverGreets(by('first'), by('second'), () => now);
    const open = () => {
        const stream = choose(request, { event() {}, failed() {} });
        return { ...stream, .../** @type {typeof opened[0]} */ (opened.at(-1)) };
    };
    return { open, pass: (/** @type {number} */ ms) => (now += ms) };
}

test('a transport that receives something is kept, however it ends', () => {
    const { open, pass } = bench();
    const stream = open();
    stream.handlers.event(ready);
    pass(60_000);
    stream.close();
    const next = open();
    assert.equal(next.by, 'first');
    next.handlers.failed({ reason: 'network' });
    assert.equal(open().by, 'first');
});

test('a silent transport is replaced, and its replacement kept once it receives something', () => {
    const { open, pass } = bench();
    const silent = open();
    pass(15_000);
    silent.close();
    const second = open();
    assert.equal(second.by, 'second');
    second.handlers.event(ready);
    second.handlers.failed({ reason: 'network' });
    assert.equal(open().by, 'second');
});

test('when the second one stays silent too, the first is tried again', () => {
    for (const refused of [true, false]) {
        const { open, pass } = bench();
        const silent = open();
        pass(15_000);
        silent.close();
        const second = open();
        if (refused) second.handlers.failed({ reason: 'http', status: 400 });
        else pass(15_000);
        second.close();
        assert.equal(open().by, 'first');
    }
});

test('a stream that is closed soon after opening doesn’t change the choice', () => {
    const { open, pass } = bench();
    const stream = open();
    pass(500);
    stream.close();
    assert.equal(open().by, 'first');
});
