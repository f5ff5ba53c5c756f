import { Backoff } from './backoff.js';

/**
 * @typedef {object} LiveEvent
 * @property {string} id the event's cursor
 * @property {any} data
 * @property {boolean} own whether a command of this client caused it
 * @property {number} delay for how long to wait before reading what it announces, in milliseconds: it differs from client to
 *   client where many watch the same, so that they don't all ask at once. `Collection.changed` takes it
 *
 * @typedef {object} SubscribeOptions
 * @property {string | null} [since] a cursor to start from: events after it are replayed
 * @property {() => Promise<any> | any} [getState] reads the whole state; called once the stream has its position, so that
 *   nothing is lost between the state and the events that follow
 *
 * @typedef {object} SubscriptionEvents
 * @property {CustomEvent<{state: any, recovered: boolean}>} sync
 * @property {CustomEvent<LiveEvent>} event
 * @property {CustomEvent<{reason: string}>} resync
 * @property {CustomEvent<{topic: string}>} granted
 * @property {CustomEvent<{topic: string}>} revoked
 */

/** How many events are kept while the state is being read; if more arrive, the state is read again instead. */
const heldLimit = 1000;

/**
 * One subscription to a stream.
 *
 * - `sync`: the state is complete now. `recovered` means that the stream resumed where it had stopped and every missed
 *   event follows; otherwise `state` is the result of `getState`.
 * - `event`: something happened after the last sync.
 * - `resync`: the server no longer knows what was missed; what is shown may be out of date until the next `sync`.
 * - `granted`, `revoked`: a topic that this stream carries from now on, or no longer.
 */
export class Subscription extends EventTarget {
    #synced = false;
    #reading = 0;
    /** @type {LiveEvent[] | null} */
    #held = null;
    #overflowed = false;
    #backoff = new Backoff({ min: 500, max: 10_000 });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #retry;
    #closed = false;

    /** @param {SubscribeOptions} options @param {(subscription: Subscription) => void} release */
    constructor({ since = null, getState }, release) {
        super();
        this.since = since;
        this.getState = getState;
        this.release = release;
        this.#synced = since !== null;
    }

    /**
     * @template {keyof SubscriptionEvents} Name
     * @param {Name} name @param {(event: SubscriptionEvents[Name]) => void} listener
     * @param {AddEventListenerOptions} [options]
     */
    on(name, listener, options) {
        this.addEventListener(name, /** @type {EventListener} */ (listener), options);
        return this;
    }

    /** Ends the subscription. The connection closes with the last one. */
    unsubscribe() {
        if (this.#closed) return;
        this.#closed = true;
        this.#reading += 1;
        clearTimeout(this.#retry);
        this.release(this);
    }

    /**
     * The stream is live.
     * @param {boolean} resumed whether it resumed from a cursor
     * @param {number} [delay] how long to wait before the state is read, in milliseconds
     */
    live(resumed, delay = 0) {
        if (this.#closed) return;
        if (this.#synced && resumed) this.#emit('sync', { state: undefined, recovered: true });
        // A state that was requested before this position, and is still being read, would miss events up to it.
        else if (!resumed || this.#held === null) this.#readAfter(delay);
    }

    /**
     * The stream has a gap.
     * @param {string} reason
     * @param {number} [delay] how long to wait before the state is read, in milliseconds
     */
    lost(reason, delay = 0) {
        if (this.#closed) return;
        this.#synced = false;
        this.#emit('resync', { reason });
        this.#readAfter(delay);
    }

    /** @param {LiveEvent} event */
    deliver(event) {
        if (this.#closed) return;
        if (this.#held === null) return this.#emit('event', event);
        if (this.#held.length < heldLimit) this.#held.push(event);
        else this.#overflowed = true;
    }

    /** @param {'granted' | 'revoked'} name @param {{topic: string}} detail */
    accessChanged(name, detail) {
        if (!this.#closed) this.#emit(name, detail);
    }

    /**
     * Reads the state once `delay` has passed; events are held from now on, and a read that is under way no longer counts.
     * @param {number} delay
     */
    #readAfter(delay) {
        if (delay <= 0) return void this.#read();
        clearTimeout(this.#retry);
        this.#reading += 1;
        this.#held ??= [];
        this.#retry = setTimeout(() => this.#read(), delay);
    }

    /** @returns {Promise<void>} */
    async #read() {
        clearTimeout(this.#retry);
        const reading = ++this.#reading;
        this.#held ??= [];
        this.#overflowed = false;
        try {
            const state = await this.getState?.();
            if (reading !== this.#reading) return;
            if (this.#overflowed) {
                this.#held = [];
                return this.#read();
            }
            this.#finish(state);
        } catch {
            if (reading !== this.#reading) return;
            this.#retry = setTimeout(() => this.#read(), this.#backoff.next());
        }
    }

    /** @param {any} state */
    #finish(state) {
        const held = this.#held ?? [];
        this.#held = null;
        this.#synced = true;
        this.#backoff.reset();
        this.#emit('sync', { state, recovered: false });
        for (const event of held) this.deliver(event);
    }

    /** @param {string} name @param {unknown} detail */
    #emit(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}
