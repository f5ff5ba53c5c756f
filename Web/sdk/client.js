import { Backoff } from './backoff.js';
import { Channel } from './channel.js';
import { ServerClock } from './clock.js';
import { Commands } from './commands.js';
import { isBehind } from './cursor.js';
import { watchPage } from './page-signals.js';
import { RequestError, requestJSON } from './request.js';
import { Sharing, canShare } from './sharing.js';
import { whicheverGreets } from './transport-choice.js';
import { onlyFor, openEventSource, openFetchStream } from './transport.js';
import { openWebSocket } from './web-socket.js';

/**
 * @typedef {import('./connection.js').ConnectionState} ConnectionState
 *
 * @typedef {object} ClientOptions
 * @property {string} url the server's address; paths are relative to it
 * @property {'auto' | 'sse' | 'websocket'} [transport] how streams are read. `auto`: as event streams, or over a
 *   WebSocket where a proxy buffers those. Every path serves both; a WebSocket is authenticated only by cookie
 * @property {() => Promise<string | null> | string | null} [getToken] returns a bearer token, where no cookie authenticates
 * @property {import('./backoff.js').BackoffOptions} [backoff]
 * @property {boolean} [share] whether all tabs of a browser share one connection per stream; true by default. It
 *   needs a `person` at `connect()` and a browser with Web Locks; otherwise each tab has its own connection
 *
 * @typedef {object} ConnectOptions
 * @property {string} [person] the signed-in user, as named by the server in `ready`: `user/<id>`. Only tabs of the same
 *   user share; a stream that turns out to be another user's ends as if signed out
 *
 * @typedef {object} ClientEvents
 * @property {CustomEvent<ConnectionState>} state
 * @property {CustomEvent<void>} signedout
 */

/** From best to worst: a client with several streams reports the worst of them. */
const phases = ['live', 'idle', 'connecting', 'stale', 'offline', 'closed'];

/**
 * A connection to a Tandem server: live streams, requests and commands.
 *
 * Nothing connects before `connect()`. A stream closes with its last subscription. When the session has ended the client
 * is closed, with reason `signed_out` and a `signedout` event, and stays closed until `connect()`.
 */
export class Client extends EventTarget {
    /** The server's clock. */
    clock = new ServerClock();

    /** @type {Map<string, Channel>} */
    #channels = new Map();
    #commands = new Commands((path, options) => this.request(path, options));
    #wanted = false;
    #unwatch = () => {};
    /** @type {string | null} */
    #person = null;
    /** @type {Sharing | null} */
    #sharing = null;
    /**
     * The last position received on any stream.
     * @type {string | null}
     */
    #seen = null;
    /** @type {import('./transport.js').OpenStream} */
    #open;
    /** @type {ConnectionState} */
    #state = { phase: 'idle', reason: null, attempt: 0, retryAt: null };

    /** @param {ClientOptions} options */
    constructor({ url, transport = 'auto', getToken, backoff = {}, share = true }) {
        super();
        this.url = url;
        this.getToken = getToken;
        this.backoff = backoff;
        this.openStream = transportFor(transport, getToken !== undefined);
        // A token is this tab's own; a cookie is the browser's.
        this.share = share && getToken === undefined;
        this.#open = this.openStream;
    }

    /** @returns {ConnectionState} */
    get state() {
        return this.#state;
    }

    /**
     * @template {keyof ClientEvents} Name
     * @param {Name} name @param {(event: ClientEvents[Name]) => void} listener
     * @param {AddEventListenerOptions} [options]
     */
    on(name, listener, options) {
        this.addEventListener(name, /** @type {EventListener} */ (listener), options);
        return this;
    }

    /**
     * Opens the streams of all current and future subscriptions.
     * @param {ConnectOptions} [options]
     */
    connect(options = {}) {
        if (options.person !== undefined) this.#belongTo(options.person);
        if (!this.#wanted) {
            this.#wanted = true;
            this.#unwatch = watchPage({
                woke: () => this.#feedAll((machine, now) => machine.woke(now)),
                online: () => this.#feedAll((machine, now) => machine.wentOnline(now)),
                offline: () => this.#feedAll((machine, now) => machine.wentOffline(now)),
                paused: () => {
                    this.#feedAll((machine, now) => machine.paused(now));
                    this.#sharing?.rest();
                },
                resumed: () => this.#feedAll((machine, now) => machine.resumed(now)),
            });
        }
        this.#feedAll((machine, now) => machine.connect(now));
    }

    /** Closes every stream; subscriptions remain, and continue at `connect()`. */
    close() {
        this.#end('closed');
    }

    /** Closes and forgets everything that belongs to the user who was signed in, here and in the other tabs. */
    logout() {
        this.#sharing?.signedOut();
        for (const channel of [...this.#channels.values()]) {
            for (const subscription of [...channel.subscriptions]) subscription.unsubscribe();
        }
        this.#end('signed_out');
        this.#belongTo(null);
    }

    /** Retries at once instead of waiting for the next attempt. */
    retryNow() {
        this.#feedAll((machine, now) => machine.woke(now));
    }

    /**
     * Subscribes to a stream.
     * @param {string} path the stream's path, such as `api/v1/sse/game-updates`
     * @param {import('./subscription.js').SubscribeOptions} [options]
     */
    subscribe(path, options = {}) {
        let channel = this.#channels.get(path);
        if (!channel) {
            channel = this.#makeChannel(path);
            this.#channels.set(path, channel);
        }
        const subscription = channel.subscribe(options, () => this.#channels.delete(path));
        if (this.#wanted) channel.feed((machine, now) => machine.connect(now));
        return subscription;
    }

    /**
     * Sends one request. Returns the JSON of the response, or null without one; throws a `RequestError`. What is read is at least
     * as recent as the last event that this client has received, whichever server process answers.
     * @param {string} path @param {import('./request.js').RequestOptions} [options] @returns {Promise<any>}
     */
    async request(path, options = {}) {
        const token = await this.getToken?.();
        const reads = (options.method ?? 'GET') === 'GET';
        const headers = {
            ...options.headers,
            ...(token ? { authorization: `Bearer ${token}` } : {}),
            ...(reads && this.#seen ? { 'tandem-cursor': this.#seen } : {}),
        };
        try {
            const { body, timing } = await requestJSON(new URL(path, this.url).href, { ...options, headers });
            if (timing.date) this.clock.observe(Date.parse(timing.date), { ...timing, resolution: 1000 });
            return body;
        } catch (error) {
            if (error instanceof RequestError && error.status === 401) this.#signedOut();
            throw error;
        }
    }

    /**
     * Sends a change under an id that the resulting events echo; see `CommandOptions` for optimistic display.
     * @param {string} path @param {unknown} [body] @param {import('./commands.js').CommandOptions} [options]
     */
    command(path, body, options = {}) {
        return this.#commands.run(path, body, options);
    }

    /**
     * From now on everything belongs to this user.
     * @param {string | null} person
     */
    #belongTo(person) {
        if (person === this.#person) return;
        this.#person = person;
        // Another user's position doesn't apply to this one.
        for (const channel of this.#channels.values()) channel.forget();
        this.#sharing?.rest();
        this.#sharing = null;
        this.#open = person === null ? this.openStream : onlyFor(person, this.openStream);
        if (person === null || !this.share || !canShare()) return;
        const live = (/** @type {string} */ url) => {
            for (const channel of this.#channels.values()) {
                if (channel.context.url === url) channel.feed((machine, now) => machine.woke(now));
            }
        };
        this.#sharing = new Sharing({ person, openStream: this.#open, live });
        this.#open = this.#sharing.open;
    }

    /** @param {string} path */
    #makeChannel(path) {
        return new Channel({
            url: new URL(path, this.url).href,
            backoff: new Backoff(this.backoff),
            openStream: (request, handlers) => this.#open(request, handlers),
            getToken: this.getToken,
            stateChanged: () => this.#summarise(),
            signedOut: () => this.#signedOut(),
            advanced: (position) => {
                if (!isBehind(position, this.#seen)) this.#seen = position;
            },
            echoed: (id) => this.#commands.echoed(id),
            observeTime: (time) => {
                const now = Date.now();
                // One-way: its delay is unknown, so it counts as a round trip of half a second.
                this.clock.observe(time, { sentAt: now - 500, receivedAt: now });
            },
        });
    }

    #signedOut() {
        if (this.#state.phase === 'closed' && this.#state.reason === 'signed_out') return;
        this.#end('signed_out');
        this.dispatchEvent(new CustomEvent('signedout'));
    }

    /** @param {string} reason */
    #end(reason) {
        this.#wanted = false;
        this.#unwatch();
        this.#feedAll((machine) => machine.close(reason));
        this.#sharing?.rest();
        this.#become({ phase: 'closed', reason, attempt: 0, retryAt: null });
    }

    /** @param {Parameters<Channel['feed']>[0]} input */
    #feedAll(input) {
        for (const channel of [...this.#channels.values()]) channel.feed(input);
    }

    #summarise() {
        const states = [...this.#channels.values()].map((channel) => channel.state);
        const worst = states.sort((a, b) => phases.indexOf(b.phase) - phases.indexOf(a.phase))[0];
        this.#become(worst ?? { phase: 'idle', reason: null, attempt: 0, retryAt: null });
    }

    /** @param {ConnectionState} state */
    #become(state) {
        const { phase, reason, retryAt } = this.#state;
        if (state.phase === phase && state.reason === reason && state.retryAt === retryAt) return;
        this.#state = state;
        this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }
}

/** @param {NonNullable<ClientOptions['transport']>} transport @param {boolean} hasToken */
function transportFor(transport, hasToken) {
    if (transport === 'websocket' && hasToken) throw new TypeError('A WebSocket cannot carry a token: use `sse`.');
    if (transport === 'websocket') return openWebSocket;
    if (hasToken) return openFetchStream;
    if (transport === 'sse') return openEventSource;
    if (typeof EventSource === 'undefined') return openFetchStream;
    return typeof WebSocket === 'undefined' ? openEventSource : whicheverGreets(openEventSource, openWebSocket);
}

/** @param {ClientOptions} options */
export function createClient(options) {
    return new Client(options);
}
