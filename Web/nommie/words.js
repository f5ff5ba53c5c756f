/** The wording of cards and players: the same in labels, in the log, and for screen readers. */

/** @typedef {import('./types.js').Trump} Trump */

/** @type {Record<string, string>} */
const rankNames = { A: 'ace', K: 'king', Q: 'queen', J: 'jack', T: '10' };
/** @type {Record<string, string>} */
const suitNames = { C: 'clubs', D: 'diamonds', H: 'hearts', S: 'spades' };
/** @type {Record<string, string>} */
const suitSigns = { C: '♣\uFE0E', D: '♦\uFE0E', H: '♥\uFE0E', S: '♠\uFE0E' };

/** @param {string} card */
export const rankOf = (card) => card[0] ?? '';
/** @param {string} card */
export const suitOf = (card) => card[1] ?? '';
/** @param {string} suit */
export const suitName = (suit) => suitNames[suit] ?? suit;
/** @param {string} suit */
export const suitSign = (suit) => suitSigns[suit] ?? '';
/** @param {string} card */
export const rankSign = (card) => (rankOf(card) === 'T' ? '10' : rankOf(card));
/** @param {string} card such as `AS`: ace of spades */
export const cardName = (card) => `${rankNames[rankOf(card)] ?? rankOf(card)} of ${suitName(suitOf(card))}`;
/** @param {Trump} trump */
export const trumpName = (trump) => (trump === 'NO_TRUMPS' ? 'no trumps' : suitName(trump));
/** @param {Trump} trump */
export const trumpSign = (trump) => (trump === 'NO_TRUMPS' ? 'NT' : suitSign(trump));

/** @param {number} count @param {string} one */
export const counted = (count, one) => `${count} ${count === 1 ? one : `${one}s`}`;

/** @param {string[]} words a, b and c */
export const listed = (words) => new Intl.ListFormat('en').format(words);

/** @param {string} text */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * "You bid" and "Ada bids".
 * @param {string} name @param {boolean} isViewer @param {string} verb
 */
export const does = (name, isViewer, verb) => (isViewer ? `You ${verb}` : `${name} ${verb}s`);

const suitOrder = 'SHCD';
const rankOrder = 'AKQJT98765432';

/**
 * Sorts cards as a player holds them: by suit with alternating colours, the highest first.
 * @param {string[]} cards
 */
export function sorted(cards) {
    const place = (/** @type {string} */ card) => suitOrder.indexOf(suitOf(card)) * 13 + rankOrder.indexOf(rankOf(card));
    return [...cards].sort((a, b) => place(a) - place(b));
}
