/** @typedef {import('./transport.js').OpenStream} OpenStream */

/** A stream that is silent for this long after opening is taken to be buffered by a proxy, in milliseconds. */
const silenceLimit = 10_000;

/**
 * Uses the first transport unless a proxy buffers it: some collect an event stream until it ends. When a stream is closed without
 * having received anything, the second transport is tried; if that receives nothing either, the first one again.
 *
 * @param {OpenStream} first @param {OpenStream} second @param {() => number} [now] in milliseconds
 * @returns {OpenStream}
 */
export function whicheverGreets(first, second, now = Date.now) {
    let usesSecond = false;
    return (request, { event, failed }) => {
        const openedAt = now();
        const chosen = usesSecond;
        let hasSpoken = false;
        const stream = (chosen ? second : first)(request, {
            event: (each) => {
                hasSpoken = true;
                event(each);
            },
            failed: (failure) => {
                // A first transport that is rejected or broken doesn't show that the second one works.
                if (!hasSpoken && chosen) usesSecond = false;
                hasSpoken = true;
                failed(failure);
            },
        });
        return {
            close() {
                if (!hasSpoken && now() - openedAt >= silenceLimit) usesSecond = !chosen;
                stream.close();
            },
        };
    };
}
