import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../sdk/backoff.js';
import { ConnectionMachine } from '../sdk/connection.js';

const machine = () => new ConnectionMachine({ backoff: new Backoff({ min: 500, max: 20_000, jitter: 'none' }) });

const live = (now = 0) => {
    const made = machine();
    made.connect(now);
    made.ready(now);
    return made;
};

test('nothing happens before connect', () => {
    const made = machine();
    assert.equal(made.state.phase, 'idle');
    assert.deepEqual(made.woke(0), []);
    assert.deepEqual(made.wentOnline(0), []);
    assert.deepEqual(made.timerFired(0), []);
    assert.equal(made.deadline, null);
});

test('connect opens, and `ready` makes it live', () => {
    const made = machine();
    assert.deepEqual(made.connect(0), ['open']);
    assert.equal(made.state.phase, 'connecting');
    made.ready(40);
    assert.deepEqual(made.state, { phase: 'live', reason: null, attempt: 0, retryAt: null });
    assert.deepEqual(made.connect(50), [], 'a second connect changes nothing');
});

test('a client that closed without a network connects again from scratch', () => {
    const made = live();
    made.wentOffline(10);
    made.close('closed');
    assert.deepEqual(made.connect(20), ['open']);
    assert.deepEqual(made.state, { phase: 'connecting', reason: null, attempt: 0, retryAt: null });
});

test('a stream that never receives `ready` is closed and retried', () => {
    const made = machine();
    made.connect(0);
    assert.deepEqual(made.timerFired(14_999), []);
    assert.deepEqual(made.timerFired(15_000), ['drop']);
    assert.deepEqual(made.state, { phase: 'connecting', reason: 'timeout', attempt: 1, retryAt: 15_500 });
    assert.deepEqual(made.timerFired(15_500), ['open']);
});

test('silence past the watchdog’s limit reopens, data postpones it', () => {
    const made = live(0);
    made.received(30_000);
    assert.deepEqual(made.timerFired(45_000), []);
    assert.equal(made.deadline, 75_000);
    assert.deepEqual(made.timerFired(75_000), ['drop']);
    assert.equal(made.state.phase, 'stale');
    assert.equal(made.state.reason, 'silence');
});

test('consecutive failures wait longer and longer', () => {
    const made = live(0);
    assert.deepEqual(made.failed(100, { reason: 'network' }), ['drop']);
    assert.equal(made.state.retryAt, 600);
    assert.deepEqual(made.timerFired(600), ['open']);
    made.failed(700, { reason: 'network' });
    assert.equal(made.state.retryAt, 1700);
    assert.equal(made.state.attempt, 2);
});

test('a short success does not forget the failures, a long one does', () => {
    const made = live(0);
    made.failed(100, { reason: 'network' });
    made.timerFired(600);
    made.ready(650);
    made.failed(700, { reason: 'network' });
    assert.equal(made.state.retryAt, 1700, 'a server that greets and hangs up is not hammered');
    made.timerFired(1700);
    made.ready(1750);
    made.failed(20_000, { reason: 'network' });
    assert.equal(made.state.retryAt, 20_500);
});

test('the server may ask for a longer wait than the backoff', () => {
    const made = live(0);
    made.failed(0, { reason: 'http', retryAfter: 9000 });
    assert.equal(made.state.retryAt, 9000);
});

test('those that the server told the same second spread over it', () => {
    for (const [random, retryAt] of /** @type {const} */ ([[0, 9000], [0.25, 9250], [0.999, 9999]])) {
        const made = new ConnectionMachine({ backoff: new Backoff({ min: 500, max: 20_000, random: () => random }) });
        made.connect(0);
        made.failed(0, { reason: 'http', retryAfter: 9000 });
        assert.equal(made.state.retryAt, retryAt);
    }
});

test('`bye` is honoured and does not count as a failure', () => {
    const made = live(0);
    assert.deepEqual(made.dismissed(1000, 4000), ['drop']);
    assert.deepEqual(made.state, { phase: 'stale', reason: 'bye', attempt: 0, retryAt: 5000 });
    assert.deepEqual(made.timerFired(5000), ['open']);
});

test('waking retries at once while an attempt is scheduled, and leaves a live stream alone', () => {
    const made = live(0);
    assert.deepEqual(made.woke(1000), []);
    made.failed(2000, { reason: 'network' });
    assert.deepEqual(made.woke(2001), ['open']);
});

test('waking after a sleep past the watchdog does not wait for the timer', () => {
    const made = live(0);
    assert.deepEqual(made.woke(3_600_000), ['drop']);
    assert.equal(made.state.reason, 'silence');
});

test('offline holds nothing open, online opens at once', () => {
    const made = live(0);
    assert.deepEqual(made.wentOffline(10), ['drop']);
    assert.deepEqual(made.state, { phase: 'offline', reason: 'network', attempt: 0, retryAt: null });
    assert.equal(made.deadline, null);
    assert.deepEqual(made.wentOnline(20), ['open']);
});

test('a suspended page drops its stream and reopens it when it is back', () => {
    const made = live(0);
    assert.deepEqual(made.paused(10), ['drop']);
    assert.deepEqual(made.woke(20), [], 'not while it is away');
    assert.deepEqual(made.resumed(30), ['open']);
    assert.equal(made.state.phase, 'stale');
});

test('closed is final until connect', () => {
    const made = live(0);
    assert.deepEqual(made.close('signed_out'), ['drop']);
    assert.deepEqual(made.woke(10), []);
    assert.deepEqual(made.wentOnline(10), []);
    assert.deepEqual(made.failed(10, { reason: 'network' }), []);
    made.ready(10);
    assert.deepEqual(made.state, { phase: 'closed', reason: 'signed_out', attempt: 0, retryAt: null });
    assert.deepEqual(made.connect(20), ['open']);
    assert.equal(made.state.phase, 'connecting');
});
