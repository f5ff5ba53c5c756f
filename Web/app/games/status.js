import { seatsOf } from './seats.js';

/** Label and icon of each status: it is never shown by colour alone. */
export const statuses = /** @type {const} */ ({
    scheduled: { label: 'Open', icon: 'calendar' },
    in_progress: { label: 'Underway', icon: 'lantern' },
    completed: { label: 'Finished', icon: 'check' },
    cancelled: { label: 'Called off', icon: 'cross' },
});

/**
 * The status to show: a game that accepts sign-ups is open or full.
 * @param {import('../types.js').Game} game @returns {{key: string, label: string, icon: string}}
 */
export function statusOf(game) {
    const isFull = game.status === 'scheduled' && seatsOf(game, '').free === 0;
    if (isFull) return { key: 'full', label: 'Full', icon: 'people' };
    return { key: game.status, ...statuses[game.status] };
}

/**
 * The filters of a list. The value is part of the address; the default is empty.
 *
 * @typedef {{value: string, label: string, statuses: import('../types.js').Status[]}} StatusFilter
 *
 * @type {StatusFilter[]}
 */
export const statusFilters = [
    { value: '', label: 'Now and next', statuses: ['scheduled', 'in_progress'] },
    { value: 'completed', label: 'Finished', statuses: ['completed'] },
    { value: 'cancelled', label: 'Called off', statuses: ['cancelled'] },
    { value: 'all', label: 'All', statuses: [] },
];

/**
 * @param {string | null} value @returns {StatusFilter}
 */
export function statusFilter(value) {
    return statusFilters.find((filter) => filter.value === value) ?? /** @type {StatusFilter} */ (statusFilters[0]);
}

/**
 * @param {StatusFilter} filter @param {import('../types.js').Game} game
 */
export function shows({ statuses: wanted }, game) {
    return wanted.length === 0 || wanted.includes(game.status);
}
