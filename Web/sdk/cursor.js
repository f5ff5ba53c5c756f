/**
 * A position in the server's event log: `<epoch>-<number>`. Numbers are ordered within an epoch; different epochs can't be compared.
 *
 * @typedef {{epoch: string, number: number}} Cursor
 */

/** @param {string | null | undefined} text @returns {Cursor | null} */
export function parseCursor(text) {
    const match = /^(.+)-(\d{1,16})$/.exec(text ?? '');
    return match ? { epoch: /** @type {string} */ (match[1]), number: Number(match[2]) } : null;
}

/**
 * Whether the event with this id is at or before `position`, and so has already been received.
 * @param {string} id @param {string | null} position
 */
export function isBehind(id, position) {
    const event = parseCursor(id);
    const here = parseCursor(position);
    return event !== null && here !== null && event.epoch === here.epoch && event.number <= here.number;
}
