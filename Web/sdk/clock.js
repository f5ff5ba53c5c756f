/**
 * The server's clock, estimated from the times that its answers carry. The sample with the shortest round trip wins,
 * because it leaves the least room for error; samples age, so that a clock that drifts is followed.
 */
export class ServerClock {
    #offset = 0;
    #error = Infinity;
    #sampledAt = -Infinity;

    /** @param {() => number} [local] the device's clock, in milliseconds since 1970 */
    constructor(local = Date.now) {
        this.local = local;
    }

    /** Now, by the server's clock, in milliseconds since 1970. */
    now() {
        return this.local() + this.#offset;
    }

    /** Server time minus device time, in milliseconds. */
    get offset() {
        return this.#offset;
    }

    /**
     * @param {number} serverTime what the server said, in milliseconds since 1970
     * @param {object} sample
     * @param {number} sample.sentAt when the question left, by the device's clock
     * @param {number} sample.receivedAt when the answer came, by the device's clock
     * @param {number} [sample.resolution] how coarse the server's time is (an HTTP Date has whole seconds)
     */
    observe(serverTime, { sentAt, receivedAt, resolution = 1 }) {
        if (!Number.isFinite(serverTime)) return;
        const error = (receivedAt - sentAt) / 2 + resolution / 2;
        const age = receivedAt - this.#sampledAt;
        if (error > this.#error && age < 300_000) return;
        const middle = (sentAt + receivedAt) / 2;
        const offset = serverTime + resolution / 2 - middle;
        // An error in the size of the sample itself is no evidence that the clocks differ.
        this.#offset = Math.abs(offset) <= error ? 0 : offset;
        this.#error = error;
        this.#sampledAt = receivedAt;
    }
}
