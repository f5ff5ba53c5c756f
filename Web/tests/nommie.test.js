import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadNommie, RuleError } from '../nommie/nommie.js';
import { compiler, fingerprint } from '../../Scripts/web-sources.mjs';
import { buildWeb } from './build-web.js';

const wasm = readFileSync(new URL('../nommie/nommie.wasm', import.meta.url));
const builtFrom = JSON.parse(readFileSync(new URL('../nommie/built-from.json', import.meta.url), 'utf8'));
const nommie = await loadNommie(wasm);

/**
 * Plays to the end, with the same player in every seat.
 * @param {bigint} seed @param {import('../nommie/nommie.js').Level} level
 */
function played(seed, level) {
    const game = nommie.newGame(seed);
    for (let seat = game.toAct; seat !== null; seat = game.toAct) {
        const outcome = game.apply(game.aiMove(seat, level));
        assert.ok(outcome.ok);
    }
    return game;
}

test('the module is small and imports nothing', async () => {
    assert.deepEqual(WebAssembly.Module.imports(await WebAssembly.compile(wasm)), []);
    assert.ok(wasm.length < 100_000, `${wasm.length} bytes`);
    assert.ok(gzipSync(wasm).length < 40_000, `${gzipSync(wasm).length} bytes compressed`);
});

test('the module was built from the current sources', () => {
    assert.equal(builtFrom.sources, fingerprint(), 'Sources/Domains/Nommie has changed: run `make web`');
});

test('the same compiler builds the same module again', { skip: compiler() !== builtFrom.compiler && 'another compiler' }, () => {
    assert.deepEqual(buildWeb(), wasm);
});

test('a game among computer players has 26 rounds whose points add up', () => {
    const game = played(1n, 'heuristic');
    const view = game.view(null);
    assert.equal(view.phase, 'COMPLETED');
    assert.equal(view.history.length, 26);
    for (const seat of [0, 1, 2, 3]) {
        const points = view.history.map((round) => round.points[seat] ?? 0);
        assert.equal(points.reduce((sum, each) => sum + each), view.scores[seat]);
    }
    assert.deepEqual(game.legalActions(), []);
});

test('a game replays from its seed and its actions', () => {
    const game = played(2n, 'random');
    const again = nommie.replay(2n, game.actions);
    for (const seat of [0, 1, 2, 3, null]) assert.deepEqual(again.view(seat), game.view(seat));
});

test('a player’s choice follows from the seed', () => {
    const [one, other] = [nommie.newGame(3n), nommie.newGame(3n)];
    assert.deepEqual(one.aiMove(1, 'strategic', 2000), other.aiMove(1, 'strategic', 2000));
});

test('every legal action is accepted, and no other', () => {
    const game = nommie.newGame(4n);
    const legal = game.legalActions();
    for (const bid of Array.from({ length: 14 }, (_, number) => number)) {
        const allowed = legal.some((action) => action.type === 'bid' && action.bid === bid);
        assert.equal(nommie.newGame(4n).apply({ type: 'bid', bid }).ok, allowed);
    }
});

test('a broken rule is named, and nothing changes', () => {
    const game = nommie.newGame(5n);
    const before = game.view(null);
    /** @param {import('../nommie/types.js').Action} action @param {number} [seat] */
    const refusal = (action, seat) => {
        const outcome = game.apply(action, seat);
        assert.ok(!outcome.ok);
        assert.ok(outcome.error instanceof RuleError);
        assert.notEqual(outcome.error.message, '');
        return outcome.error.code;
    };
    assert.equal(refusal({ type: 'bid', bid: 1 }, 3), 'OUT_OF_TURN');
    assert.equal(refusal({ type: 'play', card: 'AS' }), 'PHASE_MISMATCH');
    for (const seat of [1, 2, 3]) assert.ok(game.apply({ type: 'bid', bid: 4 }, seat).ok);
    assert.equal(refusal({ type: 'bid', bid: 1 }), 'INVALID_BID');
    assert.deepEqual(before.bids, [null, null, null, null]);
    assert.deepEqual(game.view(null).bids, [null, 4, 4, 4]);
});

test('an invalid action is rejected before it is tried', () => {
    const game = nommie.newGame(6n);
    assert.throws(() => game.apply({ type: 'bid', bid: 14 }), RangeError);
    assert.throws(() => game.apply({ type: 'bid', bid: 1.5 }), RangeError);
    assert.throws(() => game.apply({ type: 'play', card: '1S' }), RangeError);
    assert.throws(() => game.apply({ type: 'play', card: '' }), RangeError);
    assert.throws(() => game.aiMove(3, 'random'), RuleError);
});

test('a view contains no card that its seat may not see', () => {
    const game = nommie.newGame(7n);
    const hands = [0, 1, 2, 3].map((seat) => game.view(seat).hand);
    assert.equal(new Set(hands.flat()).size, 52);
    assert.deepEqual(game.view(null).hand, []);
    assert.deepEqual(game.view(0).legal, [], 'seat 0 is not on turn');
    assert.equal(game.view(1).legal.length, 14);
});
