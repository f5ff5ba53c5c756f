/**
 * Three-way merge of an edit: the user's starting point, their changes, and what somebody else changed in the meantime.
 *
 * @typedef {import('../types.js').GameDraft} GameDraft
 * @typedef {keyof GameDraft} Field
 * @typedef {{field: Field, base: string | number, mine: string | number, theirs: string | number}} Conflict
 *
 * @typedef {object} Merge
 * @property {GameDraft} draft the user's edits on top of the other's; where both changed a field, the user's
 * @property {Conflict[]} conflicts fields that both changed, differently
 * @property {Field[]} adopted fields that only the other changed
 */

/** @type {Field[]} */
export const fields = ['title', 'description', 'where', 'scheduled_at', 'duration_minutes', 'max_players'];

/** @param {GameDraft} base @param {GameDraft} mine @param {GameDraft} theirs @returns {Merge} */
export function mergeDrafts(base, mine, theirs) {
    const draft = { ...mine };
    /** @type {Conflict[]} */
    const conflicts = [];
    /** @type {Field[]} */
    const adopted = [];
    for (const field of fields) {
        if (isSame(theirs[field], base[field]) || isSame(theirs[field], mine[field])) continue;
        if (isSame(mine[field], base[field])) {
            Object.assign(draft, { [field]: theirs[field] });
            adopted.push(field);
        } else {
            conflicts.push({ field, base: base[field], mine: mine[field], theirs: theirs[field] });
        }
    }
    return { draft, conflicts, adopted };
}

/**
 * Compares values; two spellings of the same time are equal.
 * @param {string | number} a @param {string | number} b
 */
export function isSame(a, b) {
    if (a === b) return true;
    const isTime = /^\d{4}-\d\d-\d\dT/;
    return isTime.test(String(a)) && isTime.test(String(b)) && Date.parse(String(a)) === Date.parse(String(b));
}

/** @param {GameDraft} game @returns {GameDraft} only the fields that a user edits */
export function draftOf({ title, description, where, scheduled_at, duration_minutes, max_players }) {
    return { title, description, where, scheduled_at, duration_minutes, max_players };
}
