/** What somebody had written when their session ended: kept in this tab until they have signed in again. */

const key = 'tandem-draft';

/** @param {string} owner @param {object} draft */
export function keepDraft(owner, draft) {
    try {
        sessionStorage.setItem(key, JSON.stringify({ owner, draft }));
    } catch {
        // Storage may be forbidden; then it has to be written again.
    }
}

/**
 * Hands out what was kept, once, and to its owner only.
 * @param {string} owner @returns {any}
 */
export function takeDraft(owner) {
    try {
        const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null');
        sessionStorage.removeItem(key);
        return kept?.owner === owner ? kept.draft : null;
    } catch {
        return null;
    }
}
