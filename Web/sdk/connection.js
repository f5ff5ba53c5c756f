import { Backoff } from './backoff.js';

/**
 * @typedef {'idle' | 'connecting' | 'live' | 'stale' | 'offline' | 'closed'} Phase
 *
 * - `idle`: nothing is requested yet.
 * - `connecting`: opening for the first time; it has not been live yet.
 * - `live`: the server has sent `ready` and sends data regularly.
 * - `stale`: was live but isn't now; what is shown may be out of date.
 * - `offline`: the device has no network; the stream reopens when it has.
 * - `closed`: closed until `connect()` is called again.
 *
 * @typedef {object} ConnectionState
 * @property {Phase} phase
 * @property {string | null} reason why it is not live: `network`, `http`, `silence`, `timeout`, `hidden`, `signed_out`,
 *   `forbidden`, `closed`; or the reason that the server gave for ending the stream: `bye` (it restarts), `slow`, `revoked`,
 *   `too_many_streams`
 * @property {number} attempt consecutive failed attempts
 * @property {number | null} retryAt when the next attempt begins, in milliseconds since 1970, or null when none is scheduled
 *
 * @typedef {'open' | 'drop'} ConnectionAction what the caller must do: open a stream, or drop the one it has
 *
 * @typedef {object} ConnectionOptions
 * @property {Backoff} [backoff]
 * @property {number} [silenceAfter] a live stream that is silent for this long is considered dead (heartbeats arrive every 30 s)
 * @property {number} [openWithin] an opening stream must receive `ready` within this time
 * @property {number} [settledAfter] once it has been live for this long, earlier failures are forgotten
 */

/**
 * The lifecycle of one stream's connection, as a state machine without clock, timer or socket: events in, actions out. After each
 * input the caller sets its single timer to `deadline` and calls `timerFired` when it expires.
 */
export class ConnectionMachine {
    /** @type {ConnectionState} */
    state = { phase: 'idle', reason: null, attempt: 0, retryAt: null };

    /**
     * When to call `timerFired`, in milliseconds since 1970.
     * @type {number | null}
     */
    deadline = null;

    #wasLive = false;
    #liveSince = 0;
    #hasStream = false;
    #online = true;
    #paused = false;

    /** @param {ConnectionOptions} [options] */
    constructor(options = {}) {
        const { backoff = new Backoff(), silenceAfter = 45_000, openWithin = 15_000, settledAfter = 10_000 } = options;
        this.backoff = backoff;
        this.silenceAfter = silenceAfter;
        this.openWithin = openWithin;
        this.settledAfter = settledAfter;
    }

    /**
     * This stream is requested.
     * @param {number} now @returns {ConnectionAction[]}
     */
    connect(now) {
        if (this.state.phase !== 'idle' && this.state.phase !== 'closed') return [];
        this.backoff.reset();
        this.#wasLive = false;
        // While nothing was requested, changes of network and page were not reported: trying will tell.
        this.#online = true;
        this.#paused = false;
        this.#become(this.state.phase, null, null);
        return this.#open(now);
    }

    /**
     * The server has sent `ready`.
     * @param {number} now
     */
    ready(now) {
        if (!this.#hasStream) return;
        this.#wasLive = true;
        this.#liveSince = now;
        this.deadline = now + this.silenceAfter;
        this.#become('live', null, null);
    }

    /**
     * Data has arrived, heartbeats included.
     * @param {number} now
     */
    received(now) {
        if (this.#hasStream && this.state.phase === 'live') this.deadline = now + this.silenceAfter;
    }

    /**
     * The stream broke, or could not be opened.
     * @param {number} now
     * @param {{reason: string, retryAfter?: number}} failure `retryAfter` in milliseconds, if the server
     *   requested it: not tried again before, whatever the backoff says
     * @returns {ConnectionAction[]}
     */
    failed(now, { reason, retryAfter = 0 }) {
        if (!this.#hasStream) return [];
        const settled = this.state.phase === 'live' && now - this.#liveSince >= this.settledAfter;
        if (settled) this.backoff.reset();
        const pause = this.backoff.next();
        // The server counts in whole seconds: those that it named the same one to spread over it.
        const asked = retryAfter > 0 ? retryAfter + this.backoff.spread(1000) : 0;
        return this.#wait(now, reason, Math.max(asked, pause));
    }

    /**
     * The server has ended the stream and said when to come back. That is not a failure, so the backoff is unchanged.
     * @param {number} now @param {number} delay @param {string} [reason] @returns {ConnectionAction[]}
     */
    dismissed(now, delay, reason = 'bye') {
        if (!this.#hasStream) return [];
        return this.#wait(now, reason, delay);
    }

    /** @param {number} now @returns {ConnectionAction[]} */
    timerFired(now) {
        if (this.deadline === null || now < this.deadline) return [];
        this.deadline = null;
        if (!this.#hasStream) return this.#open(now);
        return this.failed(now, { reason: this.state.phase === 'live' ? 'silence' : 'timeout' });
    }

    /**
     * A good moment to retry at once: the user asked for it, the page became visible, or the computer woke up.
     * @param {number} now @returns {ConnectionAction[]}
     */
    woke(now) {
        if (!this.#wanted || this.#paused) return [];
        if (!this.#hasStream) return this.#open(now);
        return this.deadline !== null && now >= this.deadline ? this.timerFired(now) : [];
    }

    /** @param {number} now @returns {ConnectionAction[]} */
    wentOnline(now) {
        this.#online = true;
        return this.woke(now);
    }

    /** @param {number} _now @returns {ConnectionAction[]} */
    wentOffline(_now) {
        this.#online = false;
        return this.#wanted ? this.#rest('offline', 'network') : [];
    }

    /**
     * The page is suspended (in the back/forward cache, or frozen): keep nothing open.
     * @param {number} _now @returns {ConnectionAction[]}
     */
    paused(_now) {
        this.#paused = true;
        return this.#wanted ? this.#rest(this.#wasLive ? 'stale' : 'connecting', 'hidden') : [];
    }

    /** @param {number} now @returns {ConnectionAction[]} */
    resumed(now) {
        this.#paused = false;
        return this.woke(now);
    }

    /**
     * Closes the stream for this reason.
     * @param {string} reason @returns {ConnectionAction[]}
     */
    close(reason) {
        return this.#rest('closed', reason);
    }

    /**
     * Nobody needs the stream any more.
     * @returns {ConnectionAction[]}
     */
    release() {
        return this.#rest('idle', null);
    }

    get #wanted() {
        return this.state.phase !== 'idle' && this.state.phase !== 'closed';
    }

    /** @param {number} now @returns {ConnectionAction[]} */
    #open(now) {
        if (!this.#online) return this.#rest('offline', 'network');
        const actions = this.#dropping();
        this.#hasStream = true;
        this.deadline = now + this.openWithin;
        this.#become(this.#wasLive ? 'stale' : 'connecting', this.state.reason, null);
        return [...actions, 'open'];
    }

    /** @param {number} now @param {string} reason @param {number} delay @returns {ConnectionAction[]} */
    #wait(now, reason, delay) {
        const actions = this.#dropping();
        if (!this.#online) return [...actions, ...this.#rest('offline', 'network')];
        this.deadline = now + delay;
        this.#become(this.#wasLive ? 'stale' : 'connecting', reason, this.deadline);
        return actions;
    }

    /** @param {Phase} phase @param {string | null} reason @returns {ConnectionAction[]} */
    #rest(phase, reason) {
        const actions = this.#dropping();
        this.deadline = null;
        this.#become(phase, reason, null);
        return actions;
    }

    /** @returns {ConnectionAction[]} */
    #dropping() {
        if (!this.#hasStream) return [];
        this.#hasStream = false;
        return ['drop'];
    }

    /** @param {Phase} phase @param {string | null} reason @param {number | null} retryAt */
    #become(phase, reason, retryAt) {
        this.state = { phase, reason, attempt: phase === 'live' ? 0 : this.backoff.attempt, retryAt };
    }
}
