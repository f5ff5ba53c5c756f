import { Backoff } from './backoff.js';

/**
 * @typedef {object} LiveEvent
 * @property {string} id the event's cursor
 * @property {any} data
 * @property {boolean} own whether a command of this client caused it
 *
 * @typedef {object} SubscribeOptions
 * @property {string | null} [since] a cursor to start from: what happened after it is replayed
 * @property {() => Promise<any> | any} [getState] reads the whole state; called after the stream's position is fixed,
 *   so that nothing falls between the state and the events that follow it
 *
 * @typedef {object} SubscriptionEvents
 * @property {CustomEvent<{state: any, recovered: boolean}>} sync
 * @property {CustomEvent<LiveEvent>} event
 * @property {CustomEvent<{reason: string}>} resync
 * @property {CustomEvent<{topic: string}>} granted
 * @property {CustomEvent<{topic: string}>} revoked
 */

/** Events kept while the state is being read; when more come, the state is read anew instead. */
const heldLimit = 1000;

/**
 * One interest in a stream.
 *
 * - `sync`: the state is complete now. `recovered` says that the stream went on where it had stopped and every missed
 *   event follows; otherwise `state` is what `getState` has read.
 * - `event`: something happened, after the last sync.
 * - `resync`: the server can't tell what was missed; what is shown may be old until the `sync` that follows.
 * - `granted`, `revoked`: topics that this stream carries from now on, or no longer.
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

    /** Ends the interest. The connection closes with the last one. */
    unsubscribe() {
        if (this.#closed) return;
        this.#closed = true;
        this.#reading += 1;
        clearTimeout(this.#retry);
        this.release(this);
    }

    /**
     * The stream is live.
     * @param {boolean} resumed whether it went on from a cursor
     */
    live(resumed) {
        if (this.#closed) return;
        if (this.#synced && resumed) this.#emit('sync', { state: undefined, recovered: true });
        // A state that is still being read, from before this position, would leave out what happened up to it.
        else if (!resumed || this.#held === null) this.#read();
    }

    /**
     * The stream has a gap.
     * @param {string} reason
     */
    lost(reason) {
        if (this.#closed) return;
        this.#synced = false;
        this.#emit('resync', { reason });
        this.#read();
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
