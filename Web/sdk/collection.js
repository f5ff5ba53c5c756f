/**
 * Versioned values by key, as the server last sent them, with optimistic layers on top.
 *
 * A newer version replaces an older one in whatever order they arrive. Reads are coalesced: while one is in progress, any
 * number of further requests become a single further read. A layer changes what is shown without changing the server's
 * value; it must be harmless on a value that already contains its change.
 *
 * @template Value
 */
export class Collection extends EventTarget {
    /** @type {Map<string, Value>} */
    #base = new Map();
    /** @type {Map<string, Set<(value: Value) => Value>>} */
    #layers = new Map();
    /** @type {Map<string, {current: Promise<Value | null>, next: Promise<Value | null> | null}>} */
    #reads = new Map();
    #generation = 0;
    /**
     * Reads that wait for their moment, with the version that each is for.
     * @type {Map<string, {version: number, read: Promise<Value | null>}>}
     */
    #due = new Map();

    /**
     * @param {object} options
     * @param {(value: Value) => string} options.key
     * @param {(value: Value) => number} options.version
     * @param {(key: string) => Promise<Value | null>} options.read reads one; null means that it is deleted or hidden
     */
    constructor({ key, version, read }) {
        super();
        this.key = key;
        this.version = version;
        this.read = read;
    }

    /**
     * The value to show, with all layers applied.
     * @param {string} key @returns {Value | undefined}
     */
    get(key) {
        let value = this.#base.get(key);
        if (value === undefined) return undefined;
        for (const layer of this.#layers.get(key) ?? []) value = layer(value);
        return value;
    }

    /**
     * The value that the server sent last.
     * @param {string} key
     */
    confirmed(key) {
        return this.#base.get(key);
    }

    /** @returns {string[]} */
    keys() {
        return [...this.#base.keys()];
    }

    /**
     * Stores a value from the server, unless a newer one is known.
     * @param {Value} value @returns {boolean}
     */
    put(value) {
        const key = this.key(value);
        const known = this.#base.get(key);
        if (known !== undefined && this.version(known) > this.version(value)) return false;
        this.#changing(key, () => this.#base.set(key, value));
        return true;
    }

    /** @param {string} key */
    remove(key) {
        if (this.#base.has(key)) this.#changing(key, () => this.#base.delete(key));
    }

    /** Forgets everything; answers that are still on their way are ignored. */
    clear() {
        this.#generation += 1;
        this.#reads.clear();
        this.#due.clear();
        this.#layers.clear();
        for (const key of this.keys()) this.remove(key);
    }

    /**
     * Applies a change that isn't confirmed yet.
     * @param {string} key @param {(value: Value) => Value} layer @returns {() => void} drops it
     */
    layer(key, layer) {
        const layers = this.#layers.get(key) ?? new Set();
        this.#layers.set(key, layers);
        this.#changing(key, () => layers.add(layer));
        return () => {
            if (!layers.has(layer)) return;
            this.#changing(key, () => layers.delete(layer));
            if (layers.size === 0 && this.#layers.get(key) === layers) this.#layers.delete(key);
        };
    }

    /**
     * Whether a change to this value is still unconfirmed.
     * @param {string} key
     */
    isPending(key) {
        return (this.#layers.get(key)?.size ?? 0) > 0;
    }

    /**
     * Reads a value from the server. The result is at least as recent as this call.
     * @param {string} key @returns {Promise<Value | null>}
     */
    refresh(key) {
        const under = this.#reads.get(key);
        if (!under) {
            const current = this.#readOnce(key);
            this.#reads.set(key, { current, next: null });
            return current;
        }
        under.next ??= under.current.catch(() => {}).then(() => this.refresh(key));
        return under.next;
    }

    /**
     * Something has happened to a value: reads it once `delay` has passed, together with whatever else happens until then.
     * Nothing is read if the version that came of it has arrived by then in another way, also by a read that is under way.
     * @param {string} key
     * @param {{version?: number, delay?: number}} [news] without a version, it is read in any case; `delay` is in milliseconds
     * @returns {Promise<Value | null>}
     */
    changed(key, news) {
        const { version = Infinity, delay = 0 } = news ?? {};
        const due = this.#due.get(key);
        if (due && delay > 0) {
            due.version = Math.max(due.version, version);
            return due.read;
        }
        const known = this.#base.get(key);
        if (known !== undefined && this.version(known) >= version) return Promise.resolve(known);
        if (delay <= 0) {
            const under = this.#reads.get(key);
            if (!under || version === Infinity) return this.refresh(key);
            return under.current.catch(() => {}).then(() => this.changed(key, { version }));
        }
        /** @type {{version: number, read: Promise<Value | null>}} */
        const waiting = { version, read: pause(delay).then(() => this.#readDue(key, waiting)) };
        this.#due.set(key, waiting);
        return waiting.read;
    }

    /** @param {string} key @param {{version: number}} waiting @returns {Promise<Value | null>} */
    async #readDue(key, waiting) {
        // Everything has been forgotten meanwhile.
        if (this.#due.get(key) !== waiting) return null;
        this.#due.delete(key);
        const known = this.#base.get(key);
        return known !== undefined && this.version(known) >= waiting.version ? known : this.refresh(key);
    }

    /** @param {string} key */
    async #readOnce(key) {
        const generation = this.#generation;
        try {
            const value = await this.read(key);
            if (generation !== this.#generation) return null;
            if (value === null) this.remove(key);
            else this.put(value);
            return value;
        } finally {
            if (generation === this.#generation) this.#reads.delete(key);
        }
    }

    /** @param {string} key @param {() => void} change */
    #changing(key, change) {
        const previous = this.get(key);
        change();
        const current = this.get(key);
        if (previous !== current) {
            const detail = { key, previous, current, pending: this.isPending(key) };
            this.dispatchEvent(new CustomEvent('change', { detail }));
        }
    }
}

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
