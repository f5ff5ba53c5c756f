import { parseCursor } from './cursor.js';

/** @typedef {import('./sse-parser.js').StreamEvent} StreamEvent */

/** The last events of a stream and the position after which they are complete, for those who missed some of them. */
export class RecentEvents {
    /**
     * Everything after this position is here.
     * @type {string | null}
     */
    start = null;
    /**
     * Everything up to this position has been seen.
     * @type {string | null}
     */
    position = null;
    /** @type {StreamEvent[]} */
    #events = [];

    /** @param {number} [capacity] */
    constructor(capacity = 256) {
        this.capacity = capacity;
    }

    /**
     * Begins anew at a position.
     * @param {string | null} position
     */
    begin(position) {
        this.start = position;
        this.position = position;
        this.#events = [];
    }

    /** @param {StreamEvent} event */
    add(event) {
        this.position = event.id;
        this.#events.push(event);
        if (this.#events.length > this.capacity) this.start = this.#events.shift()?.id ?? null;
    }

    /**
     * What somebody at this position has missed, or null when that can't be told.
     * @param {string | null} position @returns {StreamEvent[] | null}
     */
    after(position) {
        const here = parseCursor(position);
        const start = parseCursor(this.start);
        if (here === null || start === null || here.epoch !== start.epoch || here.number < start.number) return null;
        return this.#events.filter((event) => (parseCursor(event.id)?.number ?? 0) > here.number);
    }
}
