/** How much later the last of those who watch the same asks than the first, in milliseconds for each of them. */
const each = 0.1;
/** The longest delay, in milliseconds. */
const longest = 3000;
/** So few may ask at once. */
const few = 20;

/**
 * How long to wait before something is read that an event has announced, in milliseconds: chosen at random, within a time that
 * grows with the number of those who received the same event, so that they don't all ask at once.
 * @param {number} watching how many watch, as the server says @param {() => number} [random] a number from 0 up to 1
 */
export function delayAmong(watching, random = Math.random) {
    return watching > few ? Math.round(random() * Math.min(watching * each, longest)) : 0;
}
