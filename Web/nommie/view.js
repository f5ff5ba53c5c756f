/**
 * The JSON form of a view, the same from the browser's module and from the server.
 *
 * @typedef {import('./types.js').TableView} TableView
 * @typedef {import('./types.js').Trump} Trump
 *
 * @typedef {object} WrittenTrick
 * @property {number} leader
 * @property {(string | null)[]} cards by seat
 * @property {number | null} winner
 *
 * @typedef {object} WrittenView
 * @property {number} version
 * @property {number | null} viewer
 * @property {import('./types.js').Phase} phase
 * @property {number | null} to_act
 * @property {{number: number, hand_size: number, dealer: number, bid_winner: number | null, trump: Trump | null,
 *   bids: (number | null)[], tricks_won: number[]}} round
 * @property {WrittenTrick & {number: number}} [trick]
 * @property {WrittenTrick} [last_trick]
 * @property {string[]} hand
 * @property {(number | string)[]} legal bids as numbers, trumps and cards by their codes
 * @property {number[]} totals
 * @property {{round: number, trump: Trump, bids: number[], tricks: number[], points: number[]}[]} sheet
 */

/**
 * Converts it to what the elements show.
 * @param {WrittenView} written
 * @returns {TableView}
 * @throws {RangeError} if the version is unknown
 */
export function tableView(written) {
    if (written.version !== 1) throw new RangeError(`Views of version ${written.version} are unknown.`);
    const { viewer, phase, to_act, round, trick, last_trick, hand, legal, totals, sheet } = written;
    const { number, ...ofRound } = round;
    return {
        viewer_seat: viewer,
        phase,
        to_act,
        round: number,
        ...ofRound,
        scores: totals,
        trick_number: trick?.number ?? 1,
        trick: trick ? inOrder(trick) : [],
        last_trick: last_trick ? { leader: last_trick.leader, cards: inOrder(last_trick), winner: last_trick.winner ?? 0 } : null,
        hand,
        legal: legal.map((each) => action(phase, each)),
        history: sheet.map((each) => ({ ...each, hand_size: each.tricks.reduce((sum, tricks) => sum + tricks) })),
    };
}

/**
 * The cards in order, from the leader on.
 * @param {WrittenTrick} trick
 */
function inOrder({ leader, cards }) {
    return [0, 1, 2, 3].flatMap((step) => {
        const seat = (leader + step) % 4;
        const card = cards[seat];
        return card ? [{ seat, card }] : [];
    });
}

/**
 * @param {import('./types.js').Phase} phase
 * @param {number | string} written
 * @returns {import('./types.js').Action}
 */
function action(phase, written) {
    if (typeof written === 'number') return { type: 'bid', bid: written };
    if (phase === 'TRUMP_SELECTION') return { type: 'trump', trump: /** @type {Trump} */ (written) };
    return { type: 'play', card: written };
}
