import { Backoff, RequestError, createClient } from '../sdk/index.js';

/** Where the app is mounted; every path is relative to it. */
export const root = new URL('./', document.baseURI);

export const client = createClient({ url: root.href });

/**
 * @typedef {import('./types.js').Game} Game
 * @typedef {{guild_id?: string, status?: string, role?: string, after?: string}} GameQuery
 * @typedef {{games: Game[], next: string | null}} GamePage
 * @typedef {{user: import('./types.js').User, guilds: import('./types.js').Guild[]}} Account
 */

/** The requests that only read. Each throws a `RequestError`. */
export const api = {
    /** @param {AbortSignal} [signal] @returns {Promise<Account>} */
    whoAmI: (signal) => client.request('api/v1/auth/user', { signal }),

    /** @param {GameQuery} query @param {AbortSignal} [signal] @returns {Promise<GamePage>} */
    games: (query, signal) => {
        const search = new URLSearchParams({ limit: '30' });
        for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
        return client.request(`api/v1/games?${search}`, { signal });
    },

    /** @param {string} id @returns {Promise<import('./types.js').Game>} */
    game: (id) => client.request(`api/v1/games/${encodeURIComponent(id)}`),

    /**
     * @param {string} guild @param {AbortSignal} [signal]
     * @returns {Promise<{channels: import('./types.js').Channel[]}>}
     */
    channels: (guild, signal) => client.request(`api/v1/guilds/${encodeURIComponent(guild)}/channels`, { signal }),
};

/**
 * Where signing in starts; it comes back to this place.
 * @param {string} returnTo
 */
export function signInAddress(returnTo) {
    const address = new URL('api/v1/auth/login', root);
    address.searchParams.set('return_to', returnTo);
    return address.href;
}

/**
 * Runs something once, when the connection to the server is there again.
 * @param {() => void} run @param {AbortSignal} [signal] @returns {() => void} forgets it
 */
export function onceLive(run, signal) {
    const end = new AbortController();
    signal?.addEventListener('abort', () => end.abort(), { once: true });
    const changed = (/** @type {CustomEvent<{phase: string}>} */ { detail }) => {
        if (detail.phase !== 'live') return;
        end.abort();
        run();
    };
    client.on('state', changed, { signal: end.signal });
    return () => end.abort();
}

/** So often a server that has answered is asked for the same again. */
const mostRefusals = 4;

/**
 * Reads something that has to be read: again and again while the server can't be reached or is busy, a few times where it
 * refuses.
 * @param {() => Promise<unknown>} read @param {() => boolean} isWanted
 */
export async function untilRead(read, isWanted) {
    const backoff = new Backoff({ min: 1000, max: 20_000 });
    for (let refusals = 0; isWanted() && refusals < mostRefusals; ) {
        try {
            await read();
            return;
        } catch (error) {
            if (!isPassing(error)) refusals += 1;
            await waited(error, backoff);
        }
    }
}

/**
 * The wait before the next try, as the backoff or the server wants it.
 * @param {unknown} error @param {Backoff} backoff @returns {Promise<void>}
 */
export function waited(error, backoff) {
    const asked = error instanceof RequestError ? error.retryAfter : 0;
    return new Promise((resolve) => setTimeout(resolve, Math.max(asked, backoff.next())));
}

/**
 * Whether the same may well succeed a little later.
 * @param {unknown} error
 */
export const isPassing = (error) => error instanceof RequestError && error.isPassing;

/**
 * Why something failed, in a sentence for a person.
 * @param {unknown} error
 */
export function reasonOf(error) {
    return error instanceof RequestError ? error.message : 'Something went wrong in the page.';
}

/**
 * The game's message on Discord, or its channel while there is no message.
 * @param {import('./types.js').Game} game
 */
export function discordAddress(game) {
    const meta = document.querySelector('meta[name="tandem-discord-url"]');
    const base = (meta?.getAttribute('content') || 'https://discord.com').replace(/\/+$/, '');
    return [base, 'channels', game.guild_id, game.channel_id, game.message_id].filter(Boolean).join('/');
}
