import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from '../sdk/clock.js';
import { isBehind, parseCursor } from '../sdk/cursor.js';

test('a cursor is an epoch and a number', () => {
    assert.deepEqual(parseCursor('a-b-12'), { epoch: 'a-b', number: 12 });
    for (const text of ['', '12', 'a-', '-3', 'a-x', null, undefined]) assert.equal(parseCursor(text), null);
});

test('only numbers of one epoch can be compared', () => {
    assert.equal(isBehind('e-3', 'e-3'), true);
    assert.equal(isBehind('e-4', 'e-3'), false);
    assert.equal(isBehind('f-1', 'e-3'), false);
    assert.equal(isBehind('', 'e-3'), false);
    assert.equal(isBehind('e-1', null), false);
});

test('the clock follows the response with the least room for error', () => {
    let local = 1_000_000;
    const clock = new ServerClock(() => local);
    clock.observe(local + 60_000, { sentAt: local - 4000, receivedAt: local, resolution: 1000 });
    assert.ok(Math.abs(clock.offset - 62_500) < 1, String(clock.offset));
    clock.observe(local + 61_000, { sentAt: local - 20, receivedAt: local });
    assert.ok(Math.abs(clock.offset - 61_010) < 2);
    clock.observe(local + 99_000, { sentAt: local - 8000, receivedAt: local, resolution: 1000 });
    assert.ok(Math.abs(clock.offset - 61_010) < 2, 'a worse sample changes nothing');
    local += 400_000;
    clock.observe(local + 30_000, { sentAt: local - 100, receivedAt: local });
    assert.ok(Math.abs(clock.offset - 30_050) < 2, 'an old sample gives way');
});

test('a difference within the measurement error counts as none', () => {
    const clock = new ServerClock(() => 1_000_000);
    clock.observe(1_000_000 - 700, { sentAt: 1_000_000 - 50, receivedAt: 1_000_000, resolution: 1000 });
    assert.equal(clock.offset, 0);
});
