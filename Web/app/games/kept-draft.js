import { inTab } from '../../shared/storage.js';

/** The draft that was being written when the session ended: kept in this tab until its author has signed in again. */

const key = 'tandem-draft';

/**
 * @param {string} owner @param {string} form which one it was written in @param {object} draft
 */
export function keepDraft(owner, form, draft) {
    inTab.write(key, JSON.stringify({ owner, form, draft }));
}

/**
 * Returns what was kept, once, and to its owner only.
 * @param {string} owner @param {string} form @returns {any}
 */
export function takeDraft(owner, form) {
    const kept = JSON.parse(inTab.read(key) ?? 'null');
    if (kept?.owner === owner && kept.form !== form) return null;
    inTab.write(key, null);
    return kept?.owner === owner ? kept.draft : null;
}
