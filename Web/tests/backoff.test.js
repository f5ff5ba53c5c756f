import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../sdk/backoff.js';

test('the ceiling doubles up to the maximum', () => {
    const backoff = new Backoff({ min: 500, max: 20_000, jitter: 'none' });
    assert.deepEqual(Array.from({ length: 8 }, () => backoff.next()), [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test('full jitter chooses between zero and the ceiling', () => {
    const draws = [0, 0.5, 0.999];
    const backoff = new Backoff({ min: 500, max: 20_000, random: () => /** @type {number} */ (draws.shift()) });
    assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [0, 500, 1998]);
});

test('a reset starts over', () => {
    const backoff = new Backoff({ jitter: 'none' });
    backoff.next();
    backoff.next();
    backoff.reset();
    assert.equal(backoff.attempt, 0);
    assert.equal(backoff.next(), 500);
});

test('invalid limits are rejected', () => {
    assert.throws(() => new Backoff({ min: 0 }), RangeError);
    assert.throws(() => new Backoff({ min: 10, max: 5 }), RangeError);
});
