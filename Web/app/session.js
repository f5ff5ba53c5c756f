import { RequestError } from '../sdk/index.js';
import { pause } from '../shared/pause.js';
import { api, client } from './server.js';

/**
 * When to ask who is signed in after a session has ended on this page: delays in milliseconds, each after the previous
 * response. Signing in ends the browser's former session, and its streams are told before the browser has the new cookie.
 */
const asking = [0, 500, 2000, 5000, 15_000];

/** Who is signed in, and their guilds. Fires `change` when that changes. */
export class Session extends EventTarget {
    /** @type {import('./types.js').User | null} */
    user = null;
    /** @type {import('./types.js').Guild[]} */
    guilds = [];
    /** Whether the user was signed in on this page and no longer is. */
    ended = false;
    #leaving = false;
    /** Counts requests and ends of sessions: a response older than what is known is ignored. */
    #asked = 0;
    #known = 0;

    constructor() {
        super();
        client.on('signedout', () => {
            const wasSignedIn = this.user !== null;
            this.#over();
            if (wasSignedIn && this.ended) this.#findWhoIsThere();
        });
        // Back from another tab, where the user may have signed in.
        document.addEventListener('visibilitychange', () => {
            if (this.user === null && document.visibilityState === 'visible') this.load().catch(() => {});
        });
    }

    /** Asks the server. Throws when it is unreachable; not being signed in is a valid answer. */
    async load() {
        const asked = ++this.#asked;
        try {
            const { user, guilds } = await api.whoAmI();
            if (asked < this.#known) return;
            this.#known = asked;
            this.user = user;
            this.guilds = guilds;
            this.ended = false;
        } catch (error) {
            if (!(error instanceof RequestError && error.status === 401)) throw error;
        }
        this.dispatchEvent(new CustomEvent('change'));
    }

    /** @param {string} id */
    guild(id) {
        return this.guilds.find((guild) => guild.id === id);
    }

    /** The guilds in which games can be created. */
    get playable() {
        return this.guilds.filter((guild) => guild.bot_installed);
    }

    signOut() {
        return this.#leaveBy('POST', 'api/v1/auth/logout');
    }

    signOutEverywhere() {
        return this.#leaveBy('DELETE', 'api/v1/account/sessions');
    }

    deleteMyData() {
        return this.#leaveBy('DELETE', 'api/v1/account/data');
    }

    /** @param {string} method @param {string} path of a request that ends this session */
    async #leaveBy(method, path) {
        this.#leaving = true;
        try {
            await client.request(path, { method });
            client.logout();
            this.#over();
        } finally {
            this.#leaving = false;
        }
    }

    async #findWhoIsThere() {
        for (const wait of asking) {
            await pause(wait);
            if (!this.ended) return;
            await this.load().catch(() => {});
        }
    }

    /** The session has ended, or another user has signed in from another tab. */
    #over() {
        // Streams may be told before the response to our own sign-out arrives.
        this.#known = ++this.#asked;
        if (this.user !== null) this.ended = !this.#leaving;
        this.user = null;
        this.guilds = [];
        this.dispatchEvent(new CustomEvent('change'));
    }
}
