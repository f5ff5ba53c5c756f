import { Backoff } from './backoff.js';
import { RequestError } from './request.js';

/**
 * @typedef {object} CommandOptions
 * @property {string} [id] identifies the command: sent as `Idempotency-Key`, echoed by the events that it causes
 * @property {string} [method]
 * @property {number} [retries] how often a transient failure is retried, under the same id; only for commands that the
 *   server may safely receive twice
 * @property {() => (() => void)} [optimistic] shows the expected outcome at once and returns a function that undoes it
 * @property {() => Promise<unknown>} [settle] loads the server's own state once the command has taken effect; the
 *   optimistic change is dropped afterwards
 * @property {AbortSignal} [signal]
 *
 * @typedef {(path: string, options: import('./request.js').RequestOptions) => Promise<any>} Send
 */

/**
 * Commands in progress. Each is settled once: by the response or by the event that it caused, whichever comes first. Each
 * optimistic change is dropped once: after the server's state has been loaded, or at once when the server rejects the command.
 */
export class Commands {
    /** @type {Map<string, () => Promise<void>>} */
    #underWay = new Map();
    /**
     * Ids of this client's commands, so that late echoes are still recognised.
     * @type {Set<string>}
     */
    #own = new Set();

    /** @param {Send} send @param {(ms: number) => Promise<void>} [sleep] */
    constructor(send, sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
        this.send = send;
        this.sleep = sleep;
    }

    /**
     * @param {string} path @param {unknown} body @param {CommandOptions} options
     * @returns {Promise<any>} the response's JSON
     */
    async run(path, body, { id = crypto.randomUUID(), method = 'POST', retries = 0, optimistic, settle, signal } = {}) {
        this.#remember(id);
        const drop = once(optimistic?.() ?? (() => {}));
        const accept = once(async () => {
            try {
                await settle?.();
            } finally {
                drop();
            }
        });
        this.#underWay.set(id, accept);
        try {
            const headers = { 'idempotency-key': id };
            const answer = await this.#send(path, { method, body, signal, headers }, retries);
            await accept().catch(() => {});
            return answer;
        } catch (error) {
            drop();
            // If it takes effect after all, later than anybody waited, that counts as somebody else's change.
            this.#own.delete(id);
            throw error;
        } finally {
            this.#underWay.delete(id);
        }
    }

    /**
     * An event names the command that caused it.
     * @param {string | undefined} id @returns {boolean} whether the command was this client's
     */
    echoed(id) {
        if (id === undefined || !this.#own.has(id)) return false;
        this.#underWay.get(id)?.().catch(() => {});
        return true;
    }

    /** @param {string} path @param {import('./request.js').RequestOptions} options @param {number} retries */
    async #send(path, options, retries) {
        const backoff = new Backoff({ min: 400, max: 4000 });
        for (;;) {
            try {
                return await this.send(path, options);
            } catch (error) {
                const again = error instanceof RequestError && error.isTransient && backoff.attempt < retries;
                if (!again || error.retryAfter > 5000) throw error;
                await this.sleep(Math.max(error.retryAfter, backoff.next()));
            }
        }
    }

    /** @param {string} id */
    #remember(id) {
        this.#own.add(id);
        if (this.#own.size <= 256) return;
        for (const oldest of this.#own) {
            this.#own.delete(oldest);
            break;
        }
    }
}

/** @template T @param {() => T} work @returns {() => T} the same work, done at most once */
function once(work) {
    /** @type {{value: T} | undefined} */
    let done;
    return () => (done ??= { value: work() }).value;
}
