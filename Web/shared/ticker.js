/** One timer a second for everything on the page that shows a running time; paused while the page is hidden. */

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function tick() {
    for (const listener of [...listeners]) listener();
    schedule();
}

function schedule() {
    clearTimeout(timer);
    const seen = document.visibilityState === 'visible';
    if (listeners.size > 0 && seen) timer = setTimeout(tick, 1000 - (Date.now() % 1000) + 5);
}

document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') tick();
});

/**
 * Calls `listener` once a second while the page is visible.
 * @param {() => void} listener @returns {() => void} stops it
 */
export function everySecond(listener) {
    listeners.add(listener);
    schedule();
    return () => listeners.delete(listener);
}
