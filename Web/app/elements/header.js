import { avatar } from '../../shared/avatar.js';
import { button, h, icon } from '../../shared/dom.js';
import { themeButton } from '../../shared/theme-button.js';
import { session } from '../app.js';
import { toast } from './toasts.js';

/** @type {[string, string, string][]} */
const places = [
    ['games', 'Games', 'lantern'],
    ['games/mine', 'My games', 'people'],
    ['games/new', 'New game', 'plus'],
    ['nommie', 'Nommie', 'cards'],
];

const logo = new URL('../../shared/assets/logo.svg', import.meta.url).pathname;

/** The logo, the navigation, and who is signed in. */
export class TandemHeader extends HTMLElement {
    /** The user it is drawn for. It is redrawn only when that changes: somebody may be using the menu. */
    #drawn = '';

    connectedCallback() {
        session.addEventListener('change', () => this.#draw());
        document.addEventListener('tandem:navigated', () => markCurrent(this));
        this.#draw();
    }

    #draw() {
        const { user } = session;
        const key = JSON.stringify([user]);
        if (key === this.#drawn) return;
        this.#drawn = key;
        this.replaceChildren(h('header', { class: 'top' },
            h('a', { class: 'brand', href: user ? 'games' : './' },
                h('img', { src: logo, alt: '', width: 58, height: 40 }),
                h('span', {}, 'Tandem')),
            user && h('nav', { class: 'ways', 'aria-label': 'Main' }, ways()),
            h('div', { class: 'me' }, themeButton(), user && this.#person(user))));
        markCurrent(this);
    }

    /** @param {import('../types.js').User} user */
    #person(user) {
        const face = avatar({ id: user.id, name: user.display_name, picture: user.avatar_url });
        return h('details', { class: 'menu', onkeydown: closeOnEscape, onfocusout: closeOnLeave },
            h('summary', { 'aria-label': `Signed in as ${user.display_name}` }, face),
            h('div', { class: 'menu-body' },
                h('p', {}, 'Signed in as ', h('strong', {}, user.display_name)),
                h('a', { class: 'button', href: 'account', onclick: closeMenu }, icon('people'), 'Your account'),
                button('Sign out', signOut, { icon: 'exit' })));
    }
}

/** The same navigation at the bottom of a small screen. */
export class TandemTabs extends HTMLElement {
    /** @type {boolean | null} */
    #drawn = null;

    connectedCallback() {
        session.addEventListener('change', () => this.#draw());
        document.addEventListener('tandem:navigated', () => markCurrent(this));
        this.#draw();
    }

    #draw() {
        const isSignedIn = session.user !== null;
        if (isSignedIn === this.#drawn) return;
        this.#drawn = isSignedIn;
        this.replaceChildren();
        if (isSignedIn) this.append(h('nav', { class: 'tabs', 'aria-label': 'Main, at the bottom' }, ways()));
        markCurrent(this);
    }
}

function ways() {
    const links = places.map(([path, label, symbol]) => {
        // The name alone doesn't say that it is a card game.
        const title = path === 'nommie' ? 'Nommie, the card game' : null;
        return h('a', { href: path, title }, icon(symbol), h('span', {}, label));
    });
    return h('ul', {}, links.map((link) => h('li', {}, link)));
}

/** @param {Element} place */
function markCurrent(place) {
    for (const link of place.querySelectorAll('nav a')) {
        const here = /** @type {HTMLAnchorElement} */ (link).pathname === location.pathname;
        if (here) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
    }
}

async function signOut() {
    try {
        await session.signOut();
    } catch {
        toast('Couldn’t sign you out. Try again in a moment.', { tone: 'trouble' });
    }
}

/** @param {MouseEvent} event */
function closeMenu(event) {
    const menu = /** @type {HTMLElement} */ (event.currentTarget).closest('details');
    if (menu) menu.open = false;
}

/** @param {KeyboardEvent} event */
function closeOnEscape(event) {
    const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary')?.focus();
}

/** @param {FocusEvent} event */
function closeOnLeave(event) {
    const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
}

customElements.define('tandem-header', TandemHeader);
customElements.define('tandem-tabs', TandemTabs);
