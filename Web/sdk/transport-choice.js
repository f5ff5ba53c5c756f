/** @typedef {import('./transport.js').OpenStream} OpenStream */

/** A stream that says nothing for so long after it was opened is held up on its way. */
const patience = 10_000;

/**
 * The first transport, unless it is held up on its way: there are proxies that collect an event stream until it ends.
 * When one is given up without having greeted, the second is tried; when that doesn't greet either, the first again.
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
                // That the first is refused or broken is no reason to believe that the second isn't.
                if (!hasSpoken && chosen) usesSecond = false;
                hasSpoken = true;
                failed(failure);
            },
        });
        return {
            close() {
                if (!hasSpoken && now() - openedAt >= patience) usesSecond = !chosen;
                stream.close();
            },
        };
    };
}
