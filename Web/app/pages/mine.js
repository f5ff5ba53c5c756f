import { h } from '../../shared/dom.js';
import { session } from '../app.js';
import { chips } from '../elements/chips.js';
import { ListView } from '../games/list-view.js';

/**
 * The games that the user plays in or hosts.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function minePage({ search, signal }) {
    const title = 'My games';
    const role = search.get('role') === 'host' ? 'host' : 'participant';
    const past = search.get('when') === 'past';
    const me = session.user?.id ?? '';
    /** @type {import('../types.js').Status[]} */
    const statuses = past ? ['completed', 'cancelled'] : ['scheduled', 'in_progress'];
    const list = new ListView({
        query: { role, status: statuses.join() },
        matches: (game) =>
            statuses.includes(game.status) &&
            (role === 'host' ? game.host.id === me : game.participants.some((each) => each.user_id === me)),
        newestFirst: past,
        empty: {
            title: role === 'host' ? 'You’re not hosting anything' : 'No seat taken yet',
            text: role === 'host'
                ? 'Plan a game and it is announced on Discord at once.'
                : 'Join a game here or on Discord and it appears in this list.',
            link: role === 'host' ? { label: 'Plan a game', href: 'games/new' } : { label: 'Browse games', href: 'games' },
        },
    }, signal);
    return {
        title,
        content: [
            h('div', { class: 'page-head' },
                h('h1', {}, title),
                h('p', { class: 'lead' }, 'Your seats, your places in line, and the games you host.')),
            h('div', { class: 'filters' },
                chips('Role', roles, role, (value) => address(value, past)),
                chips('Time', times, past ? 'past' : '', (value) => address(role, value === 'past'))),
            list.element,
        ],
    };
}

/** @type {[string, string][]} */
const roles = [['participant', 'Playing'], ['host', 'Hosting']];

/** @type {[string, string][]} */
const times = [['', 'Upcoming'], ['past', 'Past']];

/** @param {string} role @param {boolean} past */
function address(role, past) {
    const query = [role === 'host' && 'role=host', past && 'when=past'].filter(Boolean).join('&');
    return query ? `games/mine?${query}` : 'games/mine';
}
