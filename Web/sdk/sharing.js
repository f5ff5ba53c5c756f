import { RecentEvents } from './recent-events.js';
import { SharedStream } from './shared-stream.js';

/**
 * @typedef {import('./shared-stream.js').TabAction} TabAction
 * @typedef {import('./shared-stream.js').TabMessage} TabMessage
 * @typedef {import('./transport.js').StreamRequest} StreamRequest
 * @typedef {import('./transport.js').StreamHandlers} StreamHandlers
 *
 * @typedef {object} SharingOptions
 * @property {string} person the session's user: tabs of different users share nothing
 * @property {import('./transport.js').OpenStream} openStream opens the one connection
 * @property {(url: string) => void} live called when a stream that isn't open in this tab is live in another
 */

/** How long the lock is kept after the server has ended the stream, so that all tabs are told first, in milliseconds. */
const lingering = 300;

/** Whether tabs can share a stream here: Web Locks exist only in secure contexts. */
export function canShare() {
    return typeof BroadcastChannel !== 'undefined' && typeof navigator !== 'undefined' && Boolean(navigator.locks);
}

/** One user's streams, shared by all tabs of this browser: connects `SharedStream` to locks, messages and connections. */
export class Sharing {
    /** @type {Map<string, Place>} */
    #places = new Map();

    /** @param {SharingOptions} options */
    constructor(options) {
        this.options = options;
    }

    /**
     * Opens a stream like any transport, with a connection of its own or through another tab.
     * @type {import('./transport.js').OpenStream}
     */
    open = (request, handlers) => {
        let place = this.#places.get(request.url);
        if (!place) {
            const { person, live } = this.options;
            place = new Place(`tandem/1 ${person} ${request.url}`, () => live(request.url));
            this.#places.set(request.url, place);
        }
        return new Tab(place, request, handlers, this.options.openStream);
    };

    /** Tells the other tabs that the user has signed out. */
    signedOut() {
        for (const place of this.#places.values()) {
            place.post({ kind: 'failed', from: '', term: 0, failure: { reason: 'http', status: 401 } });
        }
    }

    /** Releases everything that no open stream needs: a page that holds locks or channels can't be suspended. */
    rest() {
        for (const [url, place] of this.#places) {
            place.lock.flush();
            if (place.tab) continue;
            place.channel.close();
            this.#places.delete(url);
        }
    }
}

/** What the tabs share for one stream: lock, channel and latest events. It outlives a stream that is being reopened. */
class Place {
    recent = new RecentEvents();
    /** @type {Tab | null} */
    tab = null;

    /** @param {string} name @param {() => void} live */
    constructor(name, live) {
        this.lock = new TabLock(name);
        this.channel = new BroadcastChannel(name);
        this.channel.onmessage = ({ data }) => {
            if (this.tab) this.tab.feed((stream, now) => stream.received(data, now));
            else if (data.kind === 'live' || data.kind === 'event') live();
        };
    }

    /** @param {TabMessage} message */
    post(message) {
        this.channel.postMessage(message);
    }
}

/** This tab's part in one stream. */
class Tab {
    /** @type {{close: () => void} | null} */
    #connection = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /**
     * @param {Place} place @param {StreamRequest} request @param {StreamHandlers} handlers
     * @param {import('./transport.js').OpenStream} openStream
     */
    constructor(place, request, handlers, openStream) {
        this.place = place;
        this.request = request;
        this.handlers = handlers;
        this.openStream = openStream;
        place.tab = this;
        this.stream = new SharedStream({ id: crypto.randomUUID(), cursor: request.cursor, recent: place.recent });
        // Deferred until the caller has the stream: it must not miss immediate events.
        queueMicrotask(() => {
            if (place.tab === this) this.feed((stream, now) => stream.start(now));
        });
    }

    close() {
        if (this.place.tab !== this) return;
        this.feed((stream) => stream.close());
        this.place.tab = null;
    }

    /** @param {(stream: SharedStream, now: number) => TabAction[]} input */
    feed(input) {
        for (const action of input(this.stream, Date.now())) this.#do(action);
        clearTimeout(this.#timer);
        const { deadline } = this.stream;
        if (deadline === null) return;
        const fire = () => this.feed((stream, now) => stream.timerFired(now));
        this.#timer = setTimeout(fire, Math.max(0, deadline - Date.now()) + 1);
    }

    /** @param {TabAction} action */
    #do(action) {
        const { place, handlers } = this;
        switch (action.do) {
            case 'lock':
            case 'steal':
                return place.lock.ask(action.do === 'steal', {
                    granted: () => this.feed((stream, now) => stream.lockGranted(now)),
                    lost: () => this.feed((stream, now) => stream.lockLost(now)),
                });
            case 'unlock':
                return place.lock.release(action.linger ? lingering : 0);
            case 'open':
                return this.#connect(action.cursor);
            case 'close':
                this.#connection?.close();
                this.#connection = null;
                return;
            case 'post':
                return place.post(action.message);
            case 'event':
                return handlers.event(action.event);
            case 'failed':
                if (place.tab === this) place.tab = null;
                return handlers.failed(action.failure);
        }
    }

    /** @param {string | null} cursor */
    #connect(cursor) {
        const connection = this.openStream(
            { ...this.request, cursor },
            {
                event: (event) => {
                    if (this.#connection === connection) this.feed((stream) => stream.streamReceived(event));
                },
                failed: (failure) => {
                    if (this.#connection === connection) this.feed((stream) => stream.streamFailed(failure));
                },
            },
        );
        this.#connection = connection;
    }
}

/** One lock among the tabs. The browser releases it when the tab that holds it is closed or crashes. */
class TabLock {
    /** Ends the current request, whether it is waiting or holds the lock. */
    #end = (/** @type {number} */ _delay) => {};
    /** Releases at once a lock that is being kept a little longer. */
    #endNow = () => {};

    /** @param {string} name */
    constructor(name) {
        this.name = name;
    }

    /** @param {boolean} steal @param {{granted: () => void, lost: () => void}} handlers */
    ask(steal, { granted, lost }) {
        this.#end(0);
        const waiting = new AbortController();
        let state = /** @type {'waiting' | 'held' | 'over'} */ ('waiting');
        /** @type {() => void} */
        let free = () => {};
        const held = new Promise((resolve) => (free = () => resolve(undefined)));
        this.#end = (delay) => {
            const wasHeld = state === 'held';
            state = 'over';
            this.#end = () => {};
            if (!wasHeld) return waiting.abort();
            const timer = setTimeout(free, delay);
            this.#endNow = () => {
                clearTimeout(timer);
                free();
            };
            if (delay === 0) this.#endNow();
        };
        const options = steal ? { steal } : { signal: waiting.signal };
        navigator.locks
            .request(this.name, options, () => {
                if (state !== 'waiting') return;
                state = 'held';
                granted();
                return held;
            })
            .catch((error) => {
                const before = state;
                if (before === 'over') return;
                if (before === 'held') {
                    state = 'over';
                    return lost();
                }
                // Locks aren't allowed here: better one connection too many than none.
                state = 'held';
                granted();
                return error;
            });
    }

    /** @param {number} delay in milliseconds */
    release(delay) {
        this.#end(delay);
    }

    flush() {
        this.#endNow();
    }
}
