/**
 * Events in a page's life that matter to a connection.
 *
 * @typedef {object} PageSignals
 * @property {() => void} woke the page is visible again, or the computer woke up
 * @property {() => void} online
 * @property {() => void} offline
 * @property {() => void} paused the page is suspended; anything it keeps open would prevent it from being restored
 * @property {() => void} resumed
 */

/**
 * Reports these events until the returned function is called.
 * @param {PageSignals} signals @returns {() => void}
 */
export function watchPage(signals) {
    if (typeof document === 'undefined') return () => {};
    const end = new AbortController();
    const { signal } = end;
    window.addEventListener('online', signals.online, { signal });
    window.addEventListener('offline', signals.offline, { signal });
    window.addEventListener('pagehide', signals.paused, { signal });
    window.addEventListener('pageshow', (event) => event.persisted && signals.resumed(), { signal });
    document.addEventListener('freeze', signals.paused, { signal });
    document.addEventListener('resume', signals.resumed, { signal });
    const looked = () => document.visibilityState === 'visible' && signals.woke();
    document.addEventListener('visibilitychange', looked, { signal });
    return () => end.abort();
}
