/**
 * The server's clock, estimated from the times in its responses. The sample with the shortest round trip wins, because
 * it leaves the least room for error; samples expire, so that a drifting clock is followed.
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
     * @param {number} serverTime the server's time, in milliseconds since 1970
     * @param {object} sample
     * @param {number} sample.sentAt when the request was sent, by the device's clock
     * @param {number} sample.receivedAt when the response arrived, by the device's clock
     * @param {number} [sample.resolution] how coarse the server's time is (an HTTP Date has whole seconds)
     */
    observe(serverTime, { sentAt, receivedAt, resolution = 1 }) {
        if (!Number.isFinite(serverTime)) return;
        const error = (receivedAt - sentAt) / 2 + resolution / 2;
        const age = receivedAt - this.#sampledAt;
        if (error > this.#error && age < 300_000) return;
        const middle = (sentAt + receivedAt) / 2;
        const offset = serverTime + resolution / 2 - middle;
        // A difference within the sample's own error doesn't show that the clocks differ.
        this.#offset = Math.abs(offset) <= error ? 0 : offset;
        this.#error = error;
        this.#sampledAt = receivedAt;
    }
}
