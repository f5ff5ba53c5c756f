/**
 * A position in the server's event log: `<epoch>-<number>`. Numbers of one epoch are in order; two epochs have none.
 *
 * @typedef {{epoch: string, number: number}} Cursor
 */

/** @param {string | null | undefined} text @returns {Cursor | null} */
export function parseCursor(text) {
    const match = /^(.+)-(\d{1,16})$/.exec(text ?? '');
    return match ? { epoch: /** @type {string} */ (match[1]), number: Number(match[2]) } : null;
}

/**
 * Whether an event with this id was already seen by somebody who stands at `position`.
 * @param {string} id @param {string | null} position
 */
export function isBehind(id, position) {
    const event = parseCursor(id);
    const here = parseCursor(position);
    return event !== null && here !== null && event.epoch === here.epoch && event.number <= here.number;
}
