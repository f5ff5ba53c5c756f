import { button, h, icon } from '../../shared/dom.js';
import { session } from '../app.js';
import { ask } from '../elements/ask.js';
import { readInto } from '../elements/states.js';
import { toast } from '../elements/toasts.js';
import { api, client, reasonOf } from '../server.js';
import { calendarDaysBetween, dayHeading, timeOfDay } from '../time.js';

/** @typedef {import('../types.js').SignedIn} SignedIn */

/**
 * Where the user is signed in, and what is kept of them.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function accountPage({ signal }) {
    const title = 'Your account';
    const places = h('div', { class: 'places' });
    const list = h('ul', { class: 'devices' });
    const load = async () => {
        const { sessions } = await api.sessions(signal);
        list.replaceChildren(...sessions.map((each) => place(each, load)));
        if (!list.isConnected) places.replaceChildren(list);
    };
    readInto(places, load, { signal });
    return {
        title,
        content: [
            h('div', { class: 'page-head' },
                h('h1', {}, title),
                h('p', { class: 'lead' }, `You are ${session.user?.display_name ?? 'signed in'}, as Discord knows you.`)),
            h('section', { class: 'part', 'aria-labelledby': 'places-heading' },
                h('h2', { id: 'places-heading', tabindex: '-1' }, 'Signed in at'),
                h('p', {}, 'Sign out where you don’t recognize it, or no longer use it. Whatever is open there closes at once.'),
                places,
                h('div', { class: 'tools' }, button('Sign out everywhere', signOutEverywhere, { icon: 'exit' }))),
            h('section', { class: 'part', 'aria-labelledby': 'data-heading' },
                h('h2', { id: 'data-heading' }, 'Your data'),
                h('p', {}, 'Your name and servers as Discord tells them, where you are signed in, and the games that you host or signed up for.'),
                h('div', { class: 'tools' },
                    h('a', { class: 'button', href: 'api/v1/account/data', download: 'tandem-data.json' }, icon('download'), 'Download my data'),
                    button('Delete my data', deleteMyData, { class: 'button danger', icon: 'cross' }))),
        ],
    };
}

/** @param {SignedIn} signedIn @param {() => Promise<void>} reload */
function place(signedIn, reload) {
    const { id, browser, signed_in_at, used_at, is_current } = signedIn;
    const name = browser || 'A browser';
    const since = when(signed_in_at);
    const leave = async () => {
        try {
            await client.request(`api/v1/account/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
            toast(`${name} is signed out.`, { tone: 'good' });
            await reload();
            document.getElementById('places-heading')?.focus();
        } catch (error) {
            toast(`Couldn’t sign out there: ${reasonOf(error)}`, { tone: 'trouble' });
        }
    };
    const out = h('button', {
        type: 'button', class: 'button', onclick: leave, 'aria-label': `Sign out ${name}, signed in ${since}`,
    }, 'Sign out');
    return h('li', {},
        h('p', { class: 'device' }, h('strong', {}, name), is_current && h('span', { class: 'you' }, 'this browser')),
        h('p', { class: 'device-times' }, `Signed in ${since}`, !is_current && ` · last used ${when(used_at)}`),
        !is_current && out);
}

/**
 * `today, 20:15`, `on Saturday 28 November, 09:00`.
 * @param {string} text
 */
function when(text) {
    const [time, now] = [Date.parse(text), client.clock.now()];
    const day = dayHeading(time, now);
    return `${Math.abs(calendarDaysBetween(time, now)) <= 1 ? day.toLowerCase() : `on ${day}`}, ${timeOfDay(time)}`;
}

async function signOutEverywhere() {
    const sure = await ask({
        title: 'Sign out everywhere?',
        text: 'All your browsers are signed out, this one included. You can sign in again at any time.',
        confirm: 'Sign out everywhere',
        cancel: 'Stay signed in',
    });
    if (!sure) return;
    try {
        await session.signOutEverywhere();
    } catch (error) {
        toast(`Couldn’t sign you out: ${reasonOf(error)}`, { tone: 'trouble' });
    }
}

async function deleteMyData() {
    const sure = await ask({
        title: 'Delete your data?',
        text: 'Games that you host are called off and lose their words, here and on Discord. Your seats go to others, and all '
            + 'your browsers are signed out. A server that you are still in keeps telling the bot that you are a member. That '
            + 'can’t be taken back.',
        confirm: 'Delete my data',
        cancel: 'Keep my data',
        danger: true,
    });
    if (!sure) return;
    try {
        await session.deleteMyData();
        toast('Your data is deleted.', { tone: 'good' });
    } catch (error) {
        toast(`Couldn’t delete it: ${reasonOf(error)}`, { tone: 'trouble' });
    }
}
