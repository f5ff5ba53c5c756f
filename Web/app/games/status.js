import { seatsOf } from './seats.js';

/** How a game's status is said and marked: never by colour alone. */
export const statuses = /** @type {const} */ ({
    scheduled: { label: 'Open', filter: 'Upcoming', icon: 'calendar' },
    in_progress: { label: 'Underway', filter: 'Underway', icon: 'lantern' },
    completed: { label: 'Finished', filter: 'Finished', icon: 'check' },
    cancelled: { label: 'Called off', filter: 'Called off', icon: 'cross' },
});

/**
 * A game that still takes sign-ups is open or full.
 * @param {import('../types.js').Game} game @returns {{key: string, label: string, icon: string}}
 */
export function statusOf(game) {
    if (game.status === 'scheduled' && seatsOf(game, '').free === 0) return { key: 'full', label: 'Full', icon: 'people' };
    return { key: game.status, ...statuses[game.status] };
}
