import { parseCursor } from './cursor.js';

/** @typedef {import('./sse-parser.js').StreamEvent} StreamEvent */

/** A stream's latest events and the position from which they are complete, for tabs that missed some of them. */
export class RecentEvents {
    /**
     * Every event after this position is included.
     * @type {string | null}
     */
    start = null;
    /**
     * Every event up to this position has been received.
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
     * Starts over at a position.
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
     * Returns the events after this position, or null if they are no longer all here.
     * @param {string | null} position @returns {StreamEvent[] | null}
     */
    after(position) {
        const here = parseCursor(position);
        const start = parseCursor(this.start);
        if (here === null || start === null || here.epoch !== start.epoch || here.number < start.number) return null;
        return this.#events.filter((event) => (parseCursor(event.id)?.number ?? 0) > here.number);
    }
}
