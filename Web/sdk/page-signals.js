/**
 * What a page goes through that matters to a connection.
 *
 * @typedef {object} PageSignals
 * @property {() => void} woke the page is looked at again, or the machine woke up
 * @property {() => void} online
 * @property {() => void} offline
 * @property {() => void} paused the page is put away; what it holds open would keep it from being restored
 * @property {() => void} resumed
 */

/**
 * Listens to the page until the returned function is called.
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
