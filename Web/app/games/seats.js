/**
 * Seats, waiting list, and what the user may do: pure functions of a game.
 *
 * @typedef {import('../types.js').Game} Game
 * @typedef {import('../types.js').Participant} Participant
 *
 * @typedef {object} Seats
 * @property {Participant[]} confirmed
 * @property {Participant[]} waiting
 * @property {number} total
 * @property {number} free
 * @property {'none' | 'confirmed' | 'waiting'} mine
 * @property {number} position the user's place in the waiting list, from 1; 0 when not waiting
 */

/** @param {Game} game @param {string} me @returns {Seats} */
export function seatsOf(game, me) {
    const confirmed = game.participants.filter((each) => each.state === 'confirmed');
    const waiting = game.participants.filter((each) => each.state === 'waiting');
    const position = waiting.findIndex((each) => each.user_id === me) + 1;
    const isConfirmed = confirmed.some((each) => each.user_id === me);
    return {
        confirmed,
        waiting,
        total: game.max_players,
        free: Math.max(0, game.max_players - confirmed.length),
        mine: isConfirmed ? 'confirmed' : position > 0 ? 'waiting' : 'none',
        position,
    };
}

/**
 * The game as it should look once the user has joined; unchanged if they already have.
 * @param {Game} game @param {{id: string, display_name: string}} me @param {number} now @returns {Game}
 */
export function withJoined(game, me, now) {
    if (game.participants.some((each) => each.user_id === me.id)) return game;
    const joined = { user_id: me.id, display_name: me.display_name, joined_at: new Date(now).toISOString() };
    return { ...game, participants: seated([...game.participants, { ...joined, state: 'waiting' }], game.max_players) };
}

/**
 * The game as it should look once the user has left: the first in the waiting list takes the seat.
 * @param {Game} game @param {string} me @returns {Game}
 */
export function withLeft(game, me) {
    if (!game.participants.some((each) => each.user_id === me)) return game;
    return { ...game, participants: seated(game.participants.filter((each) => each.user_id !== me), game.max_players) };
}

/** @param {Participant[]} participants @param {number} seats @returns {Participant[]} */
function seated(participants, seats) {
    return participants.map((each, index) => ({ ...each, state: index < seats ? 'confirmed' : 'waiting' }));
}

/** @param {Game} game */
export const isOver = ({ status }) => status === 'completed' || status === 'cancelled';

/**
 * What the user may do about their seat.
 * @param {Game} game @returns {{canJoin: boolean, canLeave: boolean}}
 */
export function permissions(game) {
    return {
        canJoin: game.status === 'scheduled' && game.signup_method === 'self_signup',
        canLeave: game.status === 'scheduled' || game.status === 'in_progress',
    };
}

/** @param {Game} game @param {string} me @param {{can_manage: boolean} | undefined} guild */
export function mayManage(game, me, guild) {
    return !isOver(game) && (game.host.id === me || guild?.can_manage === true);
}
