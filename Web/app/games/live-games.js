import { Backoff, Collection, RequestError } from '../../sdk/index.js';
import { pause } from '../../shared/pause.js';
import { api, client, untilRead } from '../server.js';
import { withJoined, withLeft } from './seats.js';

/**
 * @typedef {import('../types.js').Game} Game
 * @typedef {{key: string, previous: Game | undefined, current: Game | undefined, pending: boolean}} GameChange
 *
 * @typedef {object} Viewer what a page needs from the live games while it is shown
 * @property {(id: string) => boolean} wants whether this page shows, or might have to show, the game with this id
 * @property {() => Promise<unknown>} reload reads everything again, after a gap
 */

/**
 * Every game that is shown, as the server last sent it, with the user's own unconfirmed changes on top.
 *
 * An event only signals that something changed: the game is read again, once for any number of events and not at all if that
 * version is known already, and the newest version wins. `collection` fires `change`, and so does `access` when a guild was gained or lost.
 */
export class LiveGames {
    /** @type {Collection<Game>} */
    collection = new Collection({
        key: (game) => game.id,
        version: (game) => game.version,
        read: (id) => readGame(id),
    });

    /** @type {Viewer | null} */
    #viewer = null;
    /** @type {import('../../sdk/index.js').Subscription | null} */
    #subscription = null;
    /**
     * Games whose last change couldn't be read yet.
     * @type {Set<string>}
     */
    #unread = new Set();
    /** Whether the viewer's content was read after the stream had its position. */
    #readSinceLive = true;

    /** @param {import('../session.js').Session} session */
    constructor(session) {
        this.session = session;
        this.access = new EventTarget();
    }

    /** Opens the stream. */
    start() {
        if (this.#subscription) return;
        this.#readSinceLive = false;
        this.#subscription = client
            .subscribe('api/v1/sse/game-updates', { getState: () => this.#reloadUnlessFresh() })
            .on('event', ({ detail }) => this.#happened(detail))
            .on('resync', () => {
                this.#readSinceLive = false;
            })
            .on('granted', ({ detail }) => this.#accessChanged(detail.topic, true))
            .on('revoked', ({ detail }) => this.#accessChanged(detail.topic, false));
        const { user } = this.session;
        client.connect({ person: user ? `user/${user.id}` : undefined });
    }

    /** Closes the stream and forgets the games. */
    stop() {
        this.#subscription?.unsubscribe();
        this.#subscription = null;
        this.#unread = new Set();
        this.collection.clear();
    }

    /**
     * Serves a page while it is shown, until its signal fires.
     * @param {Viewer} viewer @param {AbortSignal} signal
     */
    view(viewer, signal) {
        this.#viewer = viewer;
        this.#readSinceLive = client.state.phase === 'live';
        signal.addEventListener('abort', () => {
            if (this.#viewer === viewer) this.#viewer = null;
        });
    }

    /**
     * @param {(change: GameChange) => void} listener @param {AbortSignal} signal
     */
    onChange(listener, signal) {
        const forward = (/** @type {Event} */ event) => listener(/** @type {CustomEvent<GameChange>} */ (event).detail);
        this.collection.addEventListener('change', forward, { signal });
    }

    /** @param {string} id */
    join(id) {
        const me = this.session.user;
        return this.#command(id, 'join', (game) => (me ? withJoined(game, me, client.clock.now()) : game));
    }

    /** @param {string} id */
    leave(id) {
        const me = this.session.user;
        return this.#command(id, 'leave', (game) => (me ? withLeft(game, me.id) : game));
    }

    /** @param {string} id */
    async cancel(id) {
        await client.command(`api/v1/games/${encodeURIComponent(id)}`, undefined, {
            method: 'DELETE',
            settle: () => this.#settle(id),
        });
    }

    /**
     * @param {string} id @param {'join' | 'leave'} what @param {(game: Game) => Game} layer
     * @returns {Promise<void>}
     */
    async #command(id, what, layer) {
        await client.command(`api/v1/games/${encodeURIComponent(id)}/${what}`, undefined, {
            retries: 2,
            optimistic: () => this.collection.layer(id, layer),
            settle: () => this.#settle(id),
        });
    }

    /**
     * Loads the result of the user's own command. What is shown in the meantime is already right, so a failed read is
     * retried a few times before an error is reported.
     * @param {string} id
     */
    async #settle(id) {
        const backoff = new Backoff({ min: 500, max: 4000 });
        for (;;) {
            try {
                return await this.collection.refresh(id);
            } catch (error) {
                if (backoff.attempt >= 4) {
                    this.#keepReading(id);
                    throw error;
                }
                await pause(backoff.next());
            }
        }
    }

    /** @param {import('../../sdk/subscription.js').LiveEvent} event */
    #happened({ data, own, delay }) {
        const id = data?.game_id;
        if (typeof id !== 'string') return;
        const known = this.collection.confirmed(id) !== undefined;
        if (!known && !this.#viewer?.wants(id)) return;
        const version = typeof data.version === 'number' ? data.version : undefined;
        // The answer to an own change may have been read before it, from another process: its echo settles that, at once.
        this.collection.changed(id, { version, delay: own ? 0 : delay }).catch(() => this.#keepReading(id));
    }

    /**
     * An event arrives only once: if the game can't be read then, it is retried until it can.
     * @param {string} id
     */
    async #keepReading(id) {
        const unread = this.#unread;
        if (unread.has(id)) return;
        unread.add(id);
        await untilRead(() => this.collection.refresh(id), () => this.#unread === unread);
        unread.delete(id);
    }

    async #reloadUnlessFresh() {
        if (this.#readSinceLive) return;
        await this.#viewer?.reload();
        this.#readSinceLive = true;
    }

    /** @param {string} topic @param {boolean} granted */
    async #accessChanged(topic, granted) {
        const guild = topic.startsWith('guild/') ? topic.slice('guild/'.length) : null;
        if (guild === null) return;
        const name = this.session.guild(guild)?.name;
        if (!granted) {
            for (const id of this.collection.keys()) {
                if (this.collection.confirmed(id)?.guild_id === guild) this.collection.remove(id);
            }
        }
        const subscription = this.#subscription;
        await untilRead(() => this.session.load(), () => this.#subscription === subscription);
        if (this.#subscription !== subscription) return;
        const detail = { guild, granted, name: name ?? this.session.guild(guild)?.name ?? 'a server' };
        this.access.dispatchEvent(new CustomEvent('change', { detail }));
        if (granted) await this.#viewer?.reload().catch(() => {});
    }
}

/** @param {string} id @returns {Promise<Game | null>} */
async function readGame(id) {
    try {
        return await api.game(id);
    } catch (error) {
        if (error instanceof RequestError && error.status === 404) return null;
        throw error;
    }
}
