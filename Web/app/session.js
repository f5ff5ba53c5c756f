import { RequestError } from '../sdk/index.js';
import { api, client } from './server.js';

/**
 * When to ask who is there after a session ended on this page, each a wait in milliseconds after the answer before.
 * Signing in ends the browser's former session, and its streams hear of that before the browser has the new cookie.
 */
const asking = [0, 500, 2000, 5000, 15_000];

/** Who is signed in, and their guilds. Says `change` when that changes. */
export class Session extends EventTarget {
    /** @type {import('./types.js').User | null} */
    user = null;
    /** @type {import('./types.js').Guild[]} */
    guilds = [];
    /** Whether the person was signed in on this page and is no longer. */
    ended = false;
    #leaving = false;
    /** Counts the questions and the ends of sessions: an answer from before what is known says nothing. */
    #asked = 0;
    #known = 0;

    constructor() {
        super();
        client.on('signedout', () => {
            const wasSignedIn = this.user !== null;
            this.#over();
            if (wasSignedIn && this.ended) this.#findWhoIsThere();
        });
        // Back from another tab, where somebody may have signed in.
        document.addEventListener('visibilitychange', () => {
            if (this.user === null && document.visibilityState === 'visible') this.load().catch(() => {});
        });
    }

    /** Asks the server. Throws when it can't be asked; not being signed in is an answer. */
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

    /** The guilds in which games can be made. */
    get playable() {
        return this.guilds.filter((guild) => guild.bot_installed);
    }

    async signOut() {
        this.#leaving = true;
        try {
            await client.request('api/v1/auth/logout', { method: 'POST' });
            client.logout();
            this.#over();
        } finally {
            this.#leaving = false;
        }
    }

    async #findWhoIsThere() {
        for (const wait of asking) {
            await new Promise((resolve) => setTimeout(resolve, wait));
            if (!this.ended) return;
            await this.load().catch(() => {});
        }
    }

    /** The server knows nobody here any more, or somebody else: signed in from another tab. */
    #over() {
        // Streams may hear of it before the answer to my own signing out.
        this.#known = ++this.#asked;
        if (this.user !== null) this.ended = !this.#leaving;
        this.user = null;
        this.guilds = [];
        this.dispatchEvent(new CustomEvent('change'));
    }
}
