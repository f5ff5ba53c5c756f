/** What somebody had written when their session ended: kept in this tab until they have signed in again. */

const key = 'tandem-draft';

/**
 * @param {string} owner @param {string} form which one it was written in @param {object} draft
 */
export function keepDraft(owner, form, draft) {
    try {
        sessionStorage.setItem(key, JSON.stringify({ owner, form, draft }));
    } catch {
        // Storage may be forbidden; then it has to be written again.
    }
}

/**
 * Hands out what was kept, once, and to its owner only.
 * @param {string} owner @param {string} form @returns {any}
 */
export function takeDraft(owner, form) {
    try {
        const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null');
        if (kept?.owner === owner && kept.form !== form) return null;
        sessionStorage.removeItem(key);
        return kept?.owner === owner ? kept.draft : null;
    } catch {
        return null;
    }
}
