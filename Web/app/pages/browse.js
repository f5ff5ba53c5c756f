import { h } from '../../shared/dom.js';
import { session } from '../app.js';
import { chips } from '../elements/chips.js';
import { emptyState } from '../elements/states.js';
import { ListView } from '../games/list-view.js';
import { shows, statusFilter, statusFilters } from '../games/status.js';

/**
 * All games of the user's guilds, by guild and status; both filters are in the address.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function browsePage({ search, signal }) {
    const title = 'Games';
    if (session.guilds.length === 0) return { title, content: [h('h1', {}, title), noGuilds()] };
    const guild = search.get('guild_id') ?? '';
    const filter = statusFilter(search.get('status'));
    const usual = filter.value === '';
    const list = new ListView({
        query: { guild_id: guild, status: filter.statuses.join() },
        matches: (game) => (guild === '' || game.guild_id === guild) && shows(filter, game),
        newestFirst: !usual,
        empty: {
            title: usual ? 'No games planned yet' : 'Nothing here',
            text: usual
                ? 'Plan one: it shows up on Discord right away.'
                : 'No game matches these filters.',
            link: { label: 'Plan a game', href: `games/new${guild && `?guild_id=${encodeURIComponent(guild)}`}` },
        },
    }, signal);
    return {
        title,
        content: [
            h('div', { class: 'page-head' },
                h('h1', {}, title),
                h('p', { class: 'lead' }, 'Everything planned in your servers, as it happens.')),
            h('div', { class: 'filters' },
                ...(session.guilds.length > 1 || guild !== ''
                    ? [chips('Server', servers(), guild, (value) => address({ guild_id: value, status: filter.value }))]
                    : []),
                chips('Status', statusNames, filter.value, (value) => address({ guild_id: guild, status: value }))),
            list.element,
        ],
    };
}

/** @returns {[string, string][]} */
function servers() {
    return [['', 'All servers'], ...session.guilds.map((each) => /** @type {[string, string]} */ ([each.id, each.name]))];
}

/** @type {[string, string][]} */
const statusNames = statusFilters.map(({ value, label }) => [value, label]);

/** @param {Record<string, string>} filters */
function address(filters) {
    const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== '')).toString();
    return query ? `games?${query}` : 'games';
}

function noGuilds() {
    return emptyState({
        title: 'No shared server yet',
        text: 'None of your servers has Tandem. Ask an admin to invite it; this page updates by itself.',
    });
}
