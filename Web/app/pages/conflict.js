import { button, h, icon } from '../../shared/dom.js';
import { durationText, fullTime } from '../time.js';

/** @typedef {import('../games/merge.js').Field} Field */
/** @typedef {import('../games/merge.js').Conflict} Conflict */

/** @type {Record<Field, string>} */
const names = {
    title: 'Title',
    description: 'Description',
    where: 'Where',
    scheduled_at: 'Date and time',
    duration_minutes: 'Duration',
    max_players: 'Seats',
};

/**
 * Says what somebody else changed while I was editing. My text stays in the form; theirs is one press away.
 * @param {object} what
 * @param {Conflict[]} what.conflicts
 * @param {Field[]} what.adopted
 * @param {import('../types.js').GameDraft} what.draft
 * @param {(conflict: Conflict) => void} what.take puts theirs into the form
 */
export function conflictNotice({ conflicts, adopted, draft, take }) {
    return h('section', { class: 'notice conflict', tabindex: '-1', 'aria-label': 'Changed by somebody else' },
        icon('people'),
        h('div', {},
            h('h2', {}, 'Somebody else changed this game'),
            adopted.length > 0 && h('p', {}, 'Adopted, because you hadn’t changed it: ',
                ...adopted.flatMap((field, index) => {
                    const comma = index > 0 ? ', ' : '';
                    return [comma, h('strong', {}, names[field]), ` (${say(field, draft[field])})`];
                }), '.'),
            conflicts.length > 0 && h('p', {}, 'You both changed this. Yours is kept below and wins when you save:'),
            conflicts.length > 0 && h('ul', {}, conflicts.map((conflict) => conflictLine(conflict, take)))));
}

/** @param {Conflict} conflict @param {(conflict: Conflict) => void} take */
function conflictLine(conflict, take) {
    const { field, base, theirs } = conflict;
    const useTheirs = button('Use theirs', () => {
        take(conflict);
        useTheirs.replaceWith(h('span', { class: 'taken' }, icon('check'), 'Taken'));
    });
    useTheirs.setAttribute('aria-label', `Use theirs for ${names[field]}`);
    return h('li', {},
        h('span', { class: 'conflict-field' }, names[field]),
        h('del', {}, say(field, base)), ' → ', h('ins', {}, say(field, theirs)),
        useTheirs);
}

/** @param {Field} field @param {string | number} value */
function say(field, value) {
    if (field === 'scheduled_at') return fullTime(Date.parse(String(value)));
    if (field === 'duration_minutes') return durationText(Number(value));
    return String(value) || 'nothing';
}
