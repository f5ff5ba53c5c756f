/** How a game's status is said and marked: never by colour alone. */
export const statuses = /** @type {const} */ ({
    scheduled: { label: 'Open', filter: 'Upcoming', icon: 'calendar' },
    in_progress: { label: 'Underway', filter: 'Underway', icon: 'lantern' },
    completed: { label: 'Finished', filter: 'Finished', icon: 'check' },
    cancelled: { label: 'Called off', filter: 'Called off', icon: 'cross' },
});
