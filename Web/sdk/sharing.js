import { RecentEvents } from './recent-events.js';
import { SharedStream } from './shared-stream.js';

/**
 * @typedef {import('./shared-stream.js').TabAction} TabAction
 * @typedef {import('./shared-stream.js').TabMessage} TabMessage
 * @typedef {import('./transport.js').StreamRequest} StreamRequest
 * @typedef {import('./transport.js').StreamHandlers} StreamHandlers
 *
 * @typedef {object} SharingOptions
 * @property {string} person whose session it is: tabs of different people have nothing in common
 * @property {import('./transport.js').OpenStream} openStream opens the one connection
 * @property {(url: string) => void} live a stream that this tab has not open is live in another
 */

/** For so long the lock is kept after the server ended the stream, so that all tabs have heard that first. */
const lingering = 300;

/** Whether tabs can share here: Web Locks exist in secure contexts only. */
export function canShare() {
    return typeof BroadcastChannel !== 'undefined' && typeof navigator !== 'undefined' && Boolean(navigator.locks);
}

/** The streams of one person that all tabs of this browser share: the shell around `SharedStream`. */
export class Sharing {
    /** @type {Map<string, Place>} */
    #places = new Map();

    /** @param {SharingOptions} options */
    constructor(options) {
        this.options = options;
    }

    /**
     * A stream as a transport opens it; whether it has a connection of its own only this object knows.
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

    /** Tells the other tabs that this person has signed out. */
    signedOut() {
        for (const place of this.#places.values()) {
            place.post({ kind: 'failed', from: '', term: 0, failure: { reason: 'http', status: 401 } });
        }
    }

    /** Lets go of everything that no open stream needs: a page that holds something can't be put away. */
    rest() {
        for (const [url, place] of this.#places) {
            place.lock.flush();
            if (place.tab) continue;
            place.channel.close();
            this.#places.delete(url);
        }
    }
}

/** Where the tabs meet for one stream. It outlives a stream that is being opened anew. */
class Place {
    recent = new RecentEvents();
    /** @type {Tab | null} */
    tab = null;

    /** @param {string} name @param {() => void} live */
    constructor(name, live) {
        this.lock = new TabLock(name);
        this.channel = new BroadcastChannel(name);
        this.channel.onmessage = ({ data }) => {
            if (this.tab) this.tab.feed((stream, now) => stream.heard(data, now));
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
        // Not before the caller knows the stream: what is said at once must not be missed.
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
                    if (this.#connection === connection) this.feed((stream) => stream.streamSaid(event));
                },
                failed: (failure) => {
                    if (this.#connection === connection) this.feed((stream) => stream.streamFailed(failure));
                },
            },
        );
        this.#connection = connection;
    }
}

/** One lock among the tabs. The browser frees it when the tab that has it is closed or crashes. */
class TabLock {
    /** Ends the current request, whether it is still waiting or has the lock. */
    #end = (/** @type {number} */ _delay) => {};
    /** Frees a lock that is kept for a moment. */
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
                // Locks are refused here: rather a connection too many than none.
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
