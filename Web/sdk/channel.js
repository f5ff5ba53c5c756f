import { ConnectionMachine } from './connection.js';
import { delayAmong } from './crowd.js';
import { isBehind } from './cursor.js';
import { parseJSON } from './json.js';
import { Subscription } from './subscription.js';

/**
 * @typedef {object} ChannelContext
 * @property {string} url
 * @property {import('./backoff.js').Backoff} backoff
 * @property {import('./transport.js').OpenStream} openStream
 * @property {(() => Promise<string | null> | string | null) | undefined} getToken
 * @property {() => void} stateChanged
 * @property {() => void} signedOut the session has ended on the server
 * @property {(id: string | undefined) => boolean} echoed returns whether a command of this client caused the event
 * @property {(serverTime: number) => void} observeTime
 * @property {(position: string) => void} advanced everything up to this position has been received
 */

/** The longest delay that a server's `bye` may request. */
const longestDelay = 60_000;

/** Reasons for which the server ends a single stream; any other `bye` concerns all streams. */
const streamReasons = ['slow', 'revoked', 'too_many_streams'];

/** One stream: its connection machine, the transport it drives, and the subscriptions that listen. */
export class Channel {
    /** @type {Set<Subscription>} */
    subscriptions = new Set();
    /**
     * The last position received.
     * @type {string | null}
     */
    cursor = null;
    /** How many watch what this stream carries, roughly, as the server said last. */
    watching = 0;

    /** @type {{close: () => void} | null} */
    #stream = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #resuming = false;

    /** @param {ChannelContext} context */
    constructor(context) {
        this.context = context;
        this.machine = new ConnectionMachine({ backoff: context.backoff });
    }

    get state() {
        return this.machine.state;
    }

    /**
     * Passes an input to the machine and carries out the actions that it returns.
     * @param {(machine: ConnectionMachine, now: number) => import('./connection.js').ConnectionAction[] | void} input
     */
    feed(input) {
        const before = this.machine.state;
        for (const action of input(this.machine, Date.now()) ?? []) {
            this.#stream?.close();
            this.#stream = null;
            if (action === 'open') this.#open();
        }
        clearTimeout(this.#timer);
        const { deadline } = this.machine;
        if (deadline !== null) {
            const fire = () => this.feed((machine, now) => machine.timerFired(now));
            this.#timer = setTimeout(fire, Math.max(0, deadline - Date.now()) + 1);
        }
        if (before !== this.machine.state) this.context.stateChanged();
    }

    /** @param {import('./subscription.js').SubscribeOptions} options @param {() => void} whenEmpty */
    subscribe(options, whenEmpty) {
        const subscription = new Subscription(options, (gone) => {
            this.subscriptions.delete(gone);
            if (this.subscriptions.size > 0) return;
            this.forget();
            whenEmpty();
        });
        if (options.since && this.subscriptions.size === 0) this.cursor = options.since;
        this.subscriptions.add(subscription);
        if (this.state.phase === 'live') subscription.live(false);
        return subscription;
    }

    /** Closes the connection and forgets the position. */
    forget() {
        this.feed((machine) => machine.release());
        this.cursor = null;
    }

    #open() {
        const { url, getToken, openStream } = this.context;
        this.#resuming = this.cursor !== null;
        const stream = openStream(
            { url, cursor: this.cursor, getToken },
            {
                event: (event) => {
                    if (this.#stream === stream) this.#received(event);
                },
                failed: (failure) => {
                    if (this.#stream === stream) this.#failed(failure);
                },
            },
        );
        this.#stream = stream;
    }

    /** @param {import('./sse-parser.js').StreamEvent} event */
    #received({ type, id, data }) {
        const payload = parseJSON(data);
        if (type === 'ready') return this.#greeted(id, payload);
        this.feed((machine, now) => machine.received(now));
        if (type === 'heartbeat') {
            this.#advance(id);
            if (typeof payload?.now === 'number') this.context.observeTime(payload.now);
            this.#observeCrowd(payload);
        } else if (type === 'bye') {
            this.#dismissed(payload);
        } else if (type === 'reset') {
            this.cursor = null;
            this.#advance(id);
            const delay = delayAmong(this.watching);
            for (const each of [...this.subscriptions]) each.lost('reset', delay);
        } else if (type === 'granted' || type === 'revoked') {
            this.#advance(id);
            for (const each of [...this.subscriptions]) each.accessChanged(type, payload ?? { topic: '' });
        } else {
            this.#deliver(id, payload);
        }
    }

    /** @param {string} id @param {any} payload */
    #greeted(id, payload) {
        // If nothing was missed there is nothing to resume: the stream begins at exactly this position.
        const resumed = this.#resuming && (payload?.resumed !== false || id === this.cursor);
        this.#observeCrowd(payload);
        if (payload?.heartbeat_ms > 0) this.machine.silenceAfter = payload.heartbeat_ms * 1.5;
        // While resuming, missed events are still to come: only they may advance the position.
        if (!resumed) this.cursor = id || null;
        if (id) this.context.advanced(id);
        this.feed((machine, now) => machine.ready(now));
        // Whoever couldn't resume is one of many: all who were connected to the same process.
        const delay = this.#resuming && !resumed ? delayAmong(this.watching) : 0;
        for (const each of [...this.subscriptions]) each.live(resumed, delay);
    }

    /** @param {any} payload */
    #observeCrowd(payload) {
        if (typeof payload?.watching === 'number') this.watching = payload.watching;
    }

    /** @param {any} payload */
    #dismissed(payload) {
        const { reason } = payload ?? {};
        if (reason === 'signed_out') {
            // The next attempt gets a final 401, unless somebody has signed in again in the meantime: no need to wait.
            this.feed((machine, now) => machine.failed(now, { reason }));
            return;
        }
        const delay = Math.min(Math.max(Number(payload?.reconnect_in_ms) || 0, 0), longestDelay);
        this.feed((machine, now) => machine.dismissed(now, delay, streamReasons.includes(reason) ? reason : 'bye'));
    }

    /** @param {string} id @param {any} data */
    #deliver(id, data) {
        if (isBehind(id, this.cursor)) return;
        this.#advance(id);
        const own = this.context.echoed(data?.command_id);
        const delay = delayAmong(this.watching);
        for (const each of [...this.subscriptions]) each.deliver({ id, data, own, delay });
    }

    /** @param {string} id */
    #advance(id) {
        if (!id) return;
        this.cursor = id;
        this.context.advanced(id);
    }

    /** @param {import('./transport.js').StreamFailure} failure */
    #failed({ reason, status, retryAfter }) {
        if (status === 401) {
            this.context.signedOut();
        } else if (status === 403 || status === 404) {
            this.feed((machine) => machine.close('forbidden'));
        } else {
            // A cursor that the server can't read is dropped, and the state is read again.
            if (status === 400 && this.cursor !== null) {
                this.cursor = null;
                for (const each of [...this.subscriptions]) each.lost('bad_cursor');
            }
            this.feed((machine, now) => machine.failed(now, { reason, retryAfter }));
        }
    }
}
