import { Backoff, RequestError, createClient } from '../sdk/index.js';
import { pause } from '../shared/pause.js';

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

    /** @param {AbortSignal} [signal] @returns {Promise<{sessions: import('./types.js').SignedIn[]}>} */
    sessions: (signal) => client.request('api/v1/account/sessions', { signal }),

    /**
     * @param {string} guild @param {AbortSignal} [signal]
     * @returns {Promise<{channels: import('./types.js').Channel[]}>}
     */
    channels: (guild, signal) => client.request(`api/v1/guilds/${encodeURIComponent(guild)}/channels`, { signal }),
};

/**
 * The address at which signing in starts; it returns to `returnTo`.
 * @param {string} returnTo
 */
export function signInAddress(returnTo) {
    const address = new URL('api/v1/auth/login', root);
    address.searchParams.set('return_to', returnTo);
    return address.href;
}

/**
 * Runs something once, when the connection to the server is live again.
 * @param {() => void} run @param {AbortSignal} [signal] @returns {() => void} cancels it
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

/** How often a request that the server rejects is tried. */
const maxRejections = 4;

/**
 * Reads something that must be read: retries indefinitely while the server is unreachable or busy, and a few times if it
 * rejects the request.
 * @param {() => Promise<unknown>} read @param {() => boolean} isWanted
 */
export async function untilRead(read, isWanted) {
    const backoff = new Backoff({ min: 1000, max: 20_000 });
    for (let rejections = 0; isWanted() && rejections < maxRejections; ) {
        try {
            await read();
            return;
        } catch (error) {
            if (!isTransient(error)) rejections += 1;
            await waited(error, backoff);
        }
    }
}

/**
 * Waits before the next attempt, as the backoff or the server requires.
 * @param {unknown} error @param {Backoff} backoff @returns {Promise<void>}
 */
export function waited(error, backoff) {
    const asked = error instanceof RequestError ? error.retryAfter : 0;
    return pause(Math.max(asked, backoff.next()));
}

/**
 * Whether the same request may succeed a little later.
 * @param {unknown} error
 */
export const isTransient = (error) => error instanceof RequestError && error.isTransient;

/**
 * The reason of a failure, in a sentence for the user.
 * @param {unknown} error
 */
export function reasonOf(error) {
    return error instanceof RequestError ? error.message : 'Something went wrong on this page.';
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
