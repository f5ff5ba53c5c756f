import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadNommie } from '../nommie/nommie.js';

/**
 * @typedef {number | string} Word a bid as a number, a trump or a card by its code
 *
 * @typedef {object} GameRecord
 * @property {string} seed
 * @property {[seat: number, action: Word][]} moves
 * @property {[after: number, seat: number, action: Word, refusal: string | null][]} tried
 * @property {[after: number, random: Word, heuristic: Word, strategic: Word][]} choices
 * @property {[after: number, digest: number][]} views of the seat whose turn it is, as JSON
 * @property {{bids: number[], tricks: number[]}[]} rounds
 * @property {number[]} totals
 * @property {string} state the end's binary form, in hexadecimal
 */

const games = 1000;
const nodes = 500;
/** @type {import('../nommie/nommie.js').Level[]} */
const levels = ['random', 'heuristic', 'strategic'];
const program = process.env['TANDEM'] ?? fileURLToPath(new URL('../../.build/debug/tandem', import.meta.url));

function* records() {
    const text = execFileSync(program, ['nommie', 'export', '--games', String(games)], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    for (const line of text.trimEnd().split('\n')) yield /** @type {GameRecord} */ (JSON.parse(line));
}

/**
 * @param {Word} word
 * @returns {import('../nommie/types.js').Action}
 */
function action(word) {
    if (typeof word === 'number') return { type: 'bid', bid: word };
    if (word.length === 2) return { type: 'play', card: word };
    return { type: 'trump', trump: /** @type {import('../nommie/types.js').Trump} */ (word) };
}

/** @param {import('../nommie/types.js').Action} done */
const wordOf = (done) => (done.type === 'bid' ? done.bid : done.type === 'trump' ? done.trump : done.card);

test(`the server's build and the browser's agree on ${games} games, bit for bit`, async () => {
    const nommie = await loadNommie(readFileSync(new URL('../nommie/nommie.wasm', import.meta.url)));
    let [count, refused, chosen, seen] = [0, 0, 0, 0];
    for (const record of records()) {
        const game = nommie.newGame(BigInt(record.seed));
        const tried = byPlace(record.tried);
        const choices = new Map(record.choices.map((choice) => [choice[0], choice.slice(1)]));
        const views = new Map(record.views);
        record.moves.forEach(([seat, word], place) => {
            assert.equal(game.toAct, seat);
            for (const [, by, what, refusal] of tried.get(place) ?? []) {
                if (refusal === null) continue;
                const outcome = game.apply(action(what), by);
                assert.equal(outcome.ok ? null : outcome.error.code, refusal);
                refused += 1;
            }
            if (views.has(place)) {
                assert.equal(digest(game.viewText(seat)), views.get(place));
                seen += 1;
            }
            choices.get(place)?.forEach((choice, level) => {
                assert.deepEqual(wordOf(game.aiMove(seat, levels[level] ?? 'random', nodes)), choice);
                chosen += 1;
            });
            assert.ok(game.apply(action(word), seat).ok);
        });
        assert.equal(Buffer.from(game.bytes()).toString('hex'), record.state);
        assert.deepEqual(game.view(null).scores, record.totals);
        count += 1;
    }
    assert.equal(count, games);
    assert.ok(Math.min(refused, chosen, seen) > games, 'refusals, choices and views were compared too');
});

/**
 * FNV-1a of 32 bits.
 * @param {string} ascii
 */
function digest(ascii) {
    let sum = 0x811c9dc5;
    for (let place = 0; place < ascii.length; place += 1) sum = Math.imul(sum ^ ascii.charCodeAt(place), 0x01000193) >>> 0;
    return sum;
}

/**
 * @param {GameRecord['tried']} tried
 * @returns {Map<number, GameRecord['tried']>}
 */
function byPlace(tried) {
    const groups = new Map();
    for (const each of tried) groups.set(each[0], [...(groups.get(each[0]) ?? []), each]);
    return groups;
}
