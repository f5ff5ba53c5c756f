/**
 * Delays between retries.
 *
 * With full jitter each delay is chosen uniformly between 0 and a ceiling that doubles with every attempt, so that
 * clients that lost their connection together do not come back together.
 *
 * @typedef {object} BackoffOptions
 * @property {number} [min] ceiling of the first delay, in milliseconds
 * @property {number} [max] the ceiling never grows past this, in milliseconds
 * @property {'full' | 'none'} [jitter]
 * @property {() => number} [random] a number from 0 up to 1; injected by tests
 */
export class Backoff {
    /** The number of delays since the last reset. */
    attempt = 0;

    /** @param {BackoffOptions} [options] */
    constructor(options = {}) {
        const { min = 500, max = 20_000, jitter = 'full', random = Math.random } = options;
        if (!(min > 0 && max >= min)) throw new RangeError('backoff needs 0 < min <= max');
        this.min = min;
        this.max = max;
        this.jitter = jitter;
        this.random = random;
    }

    /** The next delay in milliseconds. */
    next() {
        const ceiling = Math.min(this.max, this.min * 2 ** Math.min(this.attempt, 30));
        this.attempt += 1;
        return this.jitter === 'full' ? Math.round(this.random() * ceiling) : ceiling;
    }

    /**
     * A random part of this many milliseconds, for those that were told the same time.
     * @param {number} milliseconds
     */
    spread(milliseconds) {
        return this.jitter === 'full' ? Math.round(this.random() * milliseconds) : 0;
    }

    reset() {
        this.attempt = 0;
    }
}
