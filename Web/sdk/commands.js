import { Backoff } from './backoff.js';
import { RequestError } from './request.js';

/**
 * @typedef {object} CommandOptions
 * @property {string} [id] names this one intention: sent as `Idempotency-Key`, echoed by the events it causes
 * @property {string} [method]
 * @property {number} [retries] how often a passing failure is tried again, under the same id; only for commands which
 *   the server may safely receive twice
 * @property {() => (() => void)} [optimistic] shows the expected outcome at once and returns how to take that back
 * @property {() => Promise<unknown>} [settle] brings in the server's own state, once the command took effect; what
 *   `optimistic` showed is dropped after it
 * @property {AbortSignal} [signal]
 *
 * @typedef {(path: string, options: import('./request.js').RequestOptions) => Promise<any>} Send
 */

/**
 * Commands under way. Each is settled once: by the answer or by the event that it caused, whichever comes first; each
 * optimistic change is dropped once, after the server's state is in, or at once when the server refuses.
 */
export class Commands {
    /** @type {Map<string, () => Promise<void>>} */
    #underWay = new Map();
    /**
     * Ids of our own commands, so that late echoes are still known as ours.
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
     * @returns {Promise<any>} the answer's JSON
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
            // Should it take effect all the same, later than anybody waited, that is news.
            this.#own.delete(id);
            throw error;
        } finally {
            this.#underWay.delete(id);
        }
    }

    /**
     * An event said which command caused it.
     * @param {string | undefined} id @returns {boolean} whether the command was ours
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
                const again = error instanceof RequestError && error.isPassing && backoff.attempt < retries;
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
