import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchRoute } from '../app/routes.js';
import { countdown, dayHeading, durationText, fromInputs, toInputs } from '../app/time.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = new Date(2026, 10, 21, 12).getTime();

test('a countdown is as exact as its distance deserves', () => {
    const until = (/** @type {number} */ left) => countdown(noon + left, noon + left + 2 * hour, noon);
    assert.equal(until(372 * day), 'in 12 months');
    assert.equal(until(5 * day), 'in 5 days');
    assert.equal(until(30 * hour), 'in 30 h');
    assert.equal(until(2 * hour + 5 * minute), 'in 2 h 5 min');
    assert.equal(until(5 * hour), 'in 5 h');
    assert.equal(until(42 * minute), 'in 42 min');
    assert.equal(until(4 * minute + 9000), 'in 4:09');
    assert.equal(until(-10_000), 'now');
    assert.equal(until(-25 * minute), 'for 25 min');
    assert.equal(until(-3 * hour), 'ended');
});

test('nearby days have names', () => {
    assert.equal(dayHeading(noon + hour, noon), 'Today');
    assert.equal(dayHeading(noon + 13 * hour, noon), 'Tomorrow');
    assert.equal(dayHeading(noon - day, noon), 'Yesterday');
    assert.equal(dayHeading(new Date(2026, 10, 28, 9).getTime(), noon, 'en-GB'), 'Saturday 28 November');
    assert.equal(dayHeading(new Date(2027, 0, 2, 9).getTime(), noon, 'en-GB'), 'Saturday, 2 January 2027');
});

test('durations are short', () => {
    assert.deepEqual([0, 45, 60, 150].map(durationText), ['0 min', '45 min', '1 h', '2 h 30 min']);
});

test('inputs and times convert both ways', () => {
    const { date, time } = toInputs(noon);
    assert.deepEqual([date, time], ['2026-11-21', '12:00']);
    assert.equal(fromInputs(date, time), noon);
    for (const [badDate, badTime] of [['', '12:00'], ['2026-11-21', ''], ['21.11.2026', '12:00']]) {
        assert.equal(fromInputs(/** @type {string} */ (badDate), /** @type {string} */ (badTime)), null);
    }
});

test('addresses lead to pages', () => {
    const names = ['', 'games', 'games/', 'games/mine', 'games/new', 'games/7', 'games/7/edit', 'games/7/x', 'x', 'games/%zz'].map((path) => matchRoute(path).name);
    assert.deepEqual(names, ['home', 'browse', 'browse', 'mine', 'create', 'details', 'edit', 'unknown', 'unknown', 'unknown']);
    assert.equal(matchRoute('games/a%20b').id, 'a b');
});
