import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarFile } from '../app/games/calendar-file.js';
import { describeChanges } from '../app/games/changes.js';
import { draftOf, mergeDrafts } from '../app/games/merge.js';
import { mayManage, permissions, seatsOf, withJoined, withLeft } from '../app/games/seats.js';

/** @param {string} id @param {'confirmed' | 'waiting'} [state] */
const person = (id, state = 'confirmed') => ({ user_id: id, display_name: id.toUpperCase(), joined_at: '2026-01-01T00:00:00Z', state });

/** @param {Partial<import('../app/types.js').Game>} [change] @returns {import('../app/types.js').Game} */
const game = (change = {}) => ({
    id: '1', guild_id: 'g', channel_id: 'c', message_id: null, title: 'Whist', description: '', where: '',
    scheduled_at: '2026-11-28T19:00:00Z', duration_minutes: 90, max_players: 2, signup_method: 'self_signup',
    status: 'scheduled', host: { id: 'h', name: 'H' }, participants: [], version: 1, ...change,
});

test('seats are counted and the user’s own place is known', () => {
    const seats = seatsOf(game({ participants: [person('a'), person('b'), person('c', 'waiting'), person('me', 'waiting')] }), 'me');
    assert.deepEqual([seats.confirmed.length, seats.waiting.length, seats.free, seats.mine, seats.position], [2, 2, 0, 'waiting', 2]);
    assert.equal(seatsOf(game({ participants: [person('me')] }), 'me').mine, 'confirmed');
    assert.equal(seatsOf(game(), 'me').mine, 'none');
});

test('joining takes a free seat or the end of the line, once', () => {
    const me = { id: 'me', display_name: 'Me' };
    assert.equal(seatsOf(withJoined(game({ participants: [person('a')] }), me, 0), 'me').mine, 'confirmed');
    const full = withJoined(game({ participants: [person('a'), person('b'), person('c', 'waiting')] }), me, 0);
    assert.equal(seatsOf(full, 'me').position, 2);
    assert.equal(withJoined(full, me, 0), full);
});

test('leaving gives the seat to the first in the waiting list', () => {
    const before = game({ participants: [person('me'), person('b'), person('c', 'waiting'), person('d', 'waiting')] });
    const after = withLeft(before, 'me');
    assert.deepEqual(after.participants.map((each) => [each.user_id, each.state]), [['b', 'confirmed'], ['c', 'confirmed'], ['d', 'waiting']]);
    assert.equal(withLeft(after, 'me'), after);
});

test('what may be done depends on status and role', () => {
    assert.deepEqual(permissions(game()), { canJoin: true, canLeave: true });
    assert.deepEqual(permissions(game({ status: 'completed' })), { canJoin: false, canLeave: false });
    assert.equal(permissions(game({ signup_method: 'host_selected' })).canJoin, false);
    assert.equal(mayManage(game(), 'h', undefined), true);
    assert.equal(mayManage(game(), 'x', { can_manage: true }), true);
    assert.equal(mayManage(game(), 'x', { can_manage: false }), false);
    assert.equal(mayManage(game({ status: 'cancelled' }), 'h', undefined), false);
});

test('changes are described in sentences', () => {
    const before = game({ participants: [person('a'), person('b'), person('c', 'waiting')] });
    const after = withLeft(game({ ...before, title: 'Bridge' }), 'a');
    assert.deepEqual(describeChanges(before, after, 'c'), ['You got a seat.', 'A left.', 'It is now called Bridge.']);
    assert.deepEqual(describeChanges(before, { ...before, version: 9 }, 'c'), []);
    assert.deepEqual(describeChanges(before, { ...before, status: 'cancelled' }, 'c'), ['It was called off.']);
});

test('edits to different fields fit together', () => {
    const base = draftOf(game());
    const merge = mergeDrafts(base, { ...base, title: 'Mine' }, { ...base, where: 'Theirs' });
    assert.deepEqual(merge.conflicts, []);
    assert.deepEqual(merge.adopted, ['where']);
    assert.deepEqual([merge.draft.title, merge.draft.where], ['Mine', 'Theirs']);
});

test('edits to one field conflict, and the user’s own is kept', () => {
    const base = draftOf(game());
    const merge = mergeDrafts(base, { ...base, title: 'Mine' }, { ...base, title: 'Theirs' });
    assert.deepEqual(merge.conflicts, [{ field: 'title', base: 'Whist', mine: 'Mine', theirs: 'Theirs' }]);
    assert.equal(merge.draft.title, 'Mine');
});

test('the same edit twice, or one time written two ways, is not a conflict', () => {
    const base = draftOf(game());
    assert.deepEqual(mergeDrafts(base, { ...base, title: 'New' }, { ...base, title: 'New' }).conflicts, []);
    const same = mergeDrafts(base, { ...base, scheduled_at: '2026-11-28T19:00:00.000Z' }, base);
    assert.deepEqual([same.conflicts, same.adopted], [[], []]);
});

test('a calendar file is escaped and folded', () => {
    const file = calendarFile(game({ title: 'Whist; again, \\o/', description: `${'é'.repeat(60)}\nsecond`, version: 3 }), 'https://x/games/1', 0);
    const lines = file.split('\r\n');
    assert.ok(lines.includes('SUMMARY:Whist\\; again\\, \\\\o/'));
    assert.ok(lines.includes('DTSTART:20261128T190000Z'));
    assert.ok(lines.includes('DTEND:20261128T203000Z'));
    assert.ok(lines.includes('SEQUENCE:3'));
    for (const line of lines) assert.ok(new TextEncoder().encode(line).length <= 75, line);
    assert.ok(file.replaceAll('\r\n ', '').includes(`DESCRIPTION:${'é'.repeat(60)}\\nsecond`));
});
