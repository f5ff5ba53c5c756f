import { RequestError } from '../sdk/index.js';
import { api, client } from './server.js';

/** Who is signed in, and their guilds. Says `change` when that changes. */
export class Session extends EventTarget {
    /** @type {import('./types.js').User | null} */
    user = null;
    /** @type {import('./types.js').Guild[]} */
    guilds = [];
    /** Whether the person was signed in on this page and is no longer. */
    ended = false;

    constructor() {
        super();
        client.on('signedout', () => this.#over());
    }

    /** Asks the server. Throws when it can't be asked; not being signed in is an answer. */
    async load() {
        try {
            const { user, guilds } = await api.whoAmI();
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
        await client.request('api/v1/auth/logout', { method: 'POST' });
        client.logout();
        this.user = null;
        this.guilds = [];
        this.dispatchEvent(new CustomEvent('change'));
    }

    #over() {
        this.ended = this.user !== null;
        this.user = null;
        this.guilds = [];
        this.dispatchEvent(new CustomEvent('change'));
    }
}
