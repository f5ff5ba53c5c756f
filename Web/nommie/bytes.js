import { rankOf, suitOf } from './words.js';

/**
 * Actions and events in the module's binary encoding; `Sources/Domains/NommieWeb` is the other side.
 *
 * @typedef {import('./types.js').Action} Action
 *
 * @typedef {{type: 'bid_made', seat: number, bid: number}
 *   | {type: 'trump_chosen', seat: number, trump: import('./types.js').Trump}
 *   | {type: 'card_played', seat: number, card: string}
 *   | {type: 'trick_won', seat: number}
 *   | {type: 'round_scored', round: number}
 *   | {type: 'dealt', round: number}
 *   | {type: 'completed', winners: number[]}} GameEvent
 */

const ranks = '23456789TJQKA';
const suits = 'CDHS';
/** @type {import('./types.js').Trump[]} */
const trumps = ['C', 'D', 'H', 'S', 'NO_TRUMPS'];

/** Reads one byte after another. */
class Reader {
    #bytes;
    #place = 0;

    /** @param {Uint8Array} bytes */
    constructor(bytes) {
        this.#bytes = bytes;
    }

    get isAtEnd() {
        return this.#place >= this.#bytes.length;
    }

    byte() {
        const byte = this.#bytes[this.#place];
        if (byte === undefined) throw new RangeError('The answer is truncated.');
        this.#place += 1;
        return byte;
    }

    /** @template T @param {number} count @param {() => T} read @returns {T[]} */
    many(count, read) {
        return Array.from({ length: count }, read);
    }
}

/** @param {number} code */
export const cardOf = (code) => `${ranks[code & 15] ?? '?'}${suits[code >> 4] ?? '?'}`;

/** @param {number} code @returns {import('./types.js').Trump} */
const trumpOf = (code) => trumps[code] ?? 'NO_TRUMPS';

/** @param {number} code @returns {Action} */
export function actionOf(code) {
    if (code >= 64) return { type: 'play', card: cardOf(code - 64) };
    if (code >= 16) return { type: 'trump', trump: trumpOf(code - 16) };
    return { type: 'bid', bid: code };
}

/**
 * @param {Action} action
 * @throws {RangeError} if it isn't a valid bid, suit or card
 */
export function codeOf(action) {
    const code = rawCodeOf(action);
    if (!Number.isInteger(code) || code < 0) throw new RangeError(`${JSON.stringify(action)} is not an action.`);
    return code;
}

/** @param {Action} action */
function rawCodeOf(action) {
    switch (action.type) {
        case 'bid':
            return action.bid <= 13 ? action.bid : -1;
        case 'trump':
            return trumps.includes(action.trump) ? 16 + trumps.indexOf(action.trump) : -1;
        case 'play': {
            const [rank, suit] = [ranks.indexOf(rankOf(action.card)), suits.indexOf(suitOf(action.card))];
            return action.card.length === 2 && rank >= 0 && suit >= 0 ? 64 + suit * 16 + rank : -1;
        }
        default:
            return -1;
    }
}

/** @param {Uint8Array} bytes a count and as many codes @returns {Action[]} */
export function readActions(bytes) {
    const reader = new Reader(bytes);
    return reader.many(reader.byte(), () => actionOf(reader.byte()));
}

/** @param {Uint8Array} bytes @returns {GameEvent[]} */
export function readEvents(bytes) {
    const reader = new Reader(bytes);
    /** @type {GameEvent[]} */
    const events = [];
    while (!reader.isAtEnd) events.push(eventOf(reader.byte(), reader.byte(), reader.byte()));
    return events;
}

/** @param {number} kind @param {number} first @param {number} second @returns {GameEvent} */
function eventOf(kind, first, second) {
    switch (kind) {
        case 0:
            return { type: 'bid_made', seat: first, bid: second };
        case 1:
            return { type: 'trump_chosen', seat: first, trump: trumpOf(second) };
        case 2:
            return { type: 'card_played', seat: first, card: cardOf(second) };
        case 3:
            return { type: 'trick_won', seat: first };
        case 4:
            return { type: 'round_scored', round: first };
        case 5:
            return { type: 'dealt', round: first };
        case 6:
            return { type: 'completed', winners: [0, 1, 2, 3].filter((seat) => first & (1 << seat)) };
        default:
            throw new RangeError(`${kind} is not an event.`);
    }
}
