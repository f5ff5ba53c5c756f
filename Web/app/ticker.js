/** One clock tick a second for everything on the page that counts; none while nobody looks. */

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

/** @param {() => void} listener @returns {() => void} stops it */
export function everySecond(listener) {
    listeners.add(listener);
    schedule();
    return () => listeners.delete(listener);
}
