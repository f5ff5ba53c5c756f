import { h, icon } from '../../shared/dom.js';
import { session } from '../app.js';
import { root, signInAddress } from '../server.js';

const logo = new URL('../../shared/assets/logo.svg', import.meta.url).pathname;

/**
 * What Tandem is, and how to sign in. Signing in returns to the page that was requested.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function signInPage({ path, search }) {
    const query = search.toString();
    const goal = path === '' ? 'games' : path + (query ? `?${query}` : '');
    return {
        title: 'Sign in',
        content: [
            h('div', { class: 'welcome' },
                h('img', { src: logo, alt: '', width: 232, height: 160 }),
                h('h1', {}, 'Two wheels, one ride'),
                h('p', { class: 'lead' }, 'Press Join on Discord and this page knows. Press it here and Discord knows. '
                    + 'Tandem keeps your game nights in step.'),
                session.ended && h('p', { class: 'notice' }, 'You were signed out. Sign in to continue where you left off.'),
                h('a', { class: 'button primary big', href: signInAddress(root.pathname + goal), 'data-outside': true },
                    icon('discord'), 'Sign in with Discord'),
                h('ul', { class: 'promises' },
                    h('li', {}, icon('lantern'), 'Seats and waiting lists, live'),
                    h('li', {}, icon('clock'), 'Times in your time zone'),
                    h('li', {}, icon('people'), 'Only your servers, only your people')),
                h('p', { class: 'aside' }, 'Nobody online? ', h('a', { href: 'nommie' }, 'Play Nommie'),
                    ', a card game against the computer. No account needed.')),
        ],
    };
}
