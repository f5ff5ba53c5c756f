import { session } from './app.js';
import { focusHeading } from './focus.js';
import { accountPage } from './pages/account.js';
import { browsePage } from './pages/browse.js';
import { detailsPage } from './pages/details.js';
import { createPage, editPage } from './pages/edit.js';
import { minePage } from './pages/mine.js';
import { notFoundPage } from './pages/not-found.js';
import { signInPage } from './pages/sign-in.js';
import { matchRoute } from './routes.js';
import { root } from './server.js';

/**
 * @typedef {object} PageContext
 * @property {string} path relative to the app's root
 * @property {URLSearchParams} search
 * @property {string} id
 * @property {AbortSignal} signal fires when the page is left
 * @property {(title: string) => void} setTitle
 * @property {typeof navigate} navigate
 * @property {(blocks: () => boolean) => void} guard sets a check: while it returns true, leaving the page asks first
 *
 * @typedef {{title: string, content: (Node | string)[]}} Page
 */

/** @type {Record<import('./routes.js').RouteName, (context: PageContext) => Page>} */
const pages = {
    home: browsePage,
    browse: browsePage,
    mine: minePage,
    create: createPage,
    details: detailsPage,
    edit: editPage,
    account: accountPage,
    unknown: notFoundPage,
};

let leaving = new AbortController();
/** Whether leaving the page would lose something. */
let blocks = () => false;
/**
 * Where the page was scrolled to, by history entry.
 * @type {Map<number, number>}
 */
const scrolled = new Map();
let entry = 0;

/**
 * Shows another page, as a new entry of the history.
 * @param {string} address relative to the app's root
 */
function navigate(address) {
    scrolled.set(entry, window.scrollY);
    entry += 1;
    history.pushState({ entry }, '', new URL(address, root));
    render({ focus: true, top: 0 });
}

/** Shows the page of the current address again, as after signing in or out. */
export function refreshPage() {
    const { activeElement } = document;
    const isElsewhere = activeElement !== document.body && !document.getElementById('main')?.contains(activeElement);
    render({ focus: !isElsewhere, top: window.scrollY });
}

export function startRouter() {
    history.scrollRestoration = 'manual';
    entry = typeof history.state?.entry === 'number' ? history.state.entry : 0;
    const top = typeof history.state?.top === 'number' ? history.state.top : 0;
    history.replaceState({ entry }, '');
    document.addEventListener('click', follow);
    window.addEventListener('popstate', (event) => travelled(event.state?.entry));
    window.addEventListener('beforeunload', (event) => {
        if (blocks()) event.preventDefault();
        // For a reload or a return from another document; not every browser keeps this one in the meantime.
        history.replaceState({ entry, top: window.scrollY }, '');
    });
    render({ focus: document.getElementById('main')?.contains(document.activeElement) ?? false, top });
}

/** The address of the page that is shown, without the fragment. */
let addressShown = '';
const currentAddress = () => location.pathname + location.search;

/** Whether the next history step only undoes one that the user declined. */
let undoesStep = false;

/**
 * The user went back or forward.
 * @param {unknown} to
 */
function travelled(to) {
    if (undoesStep) {
        undoesStep = false;
    } else if (typeof to !== 'number') {
        // Only typing a fragment into the address creates an entry that isn't ours.
        entry += 1;
        history.replaceState({ entry }, '');
    } else if (addressShown === currentAddress()) {
        entry = to;
    } else if (!mayLeave()) {
        undoesStep = true;
        history.go(entry - to);
    } else {
        scrolled.set(entry, window.scrollY);
        entry = to;
        render({ focus: true, top: scrolled.get(entry) ?? 0 });
    }
}

/** Whether the page may be left; asks the user if something would be lost. */
const mayLeave = () => !blocks() || window.confirm('Leave without saving your changes?');

/**
 * Handles ordinary clicks on links to our own pages within this document.
 * @param {MouseEvent} event
 */
function follow(event) {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || event.defaultPrevented || !isPlain) return;
    if (link.target || link.download || 'outside' in link.dataset || link.origin !== root.origin) return;
    if (link.classList.contains('skip')) {
        event.preventDefault();
        document.getElementById('main')?.focus();
        return;
    }
    const path = relativePath(link.pathname);
    if (path === null || (path !== '' && matchRoute(path).name === 'unknown')) return;
    event.preventDefault();
    if (mayLeave()) navigate(link.href);
}

/** @param {string} pathname */
function relativePath(pathname) {
    return pathname.startsWith(root.pathname) ? pathname.slice(root.pathname.length) : null;
}

/** @param {{focus: boolean, top?: number}} how */
function render({ focus, top }) {
    leaving.abort();
    leaving = new AbortController();
    blocks = () => false;
    addressShown = currentAddress();
    const { signal } = leaving;
    const path = relativePath(location.pathname) ?? '';
    const route = matchRoute(path);
    const setTitle = (/** @type {string} */ title) => {
        if (!signal.aborted) document.title = `${title} · Tandem`;
    };
    /** @type {PageContext} */
    const context = {
        path,
        search: new URLSearchParams(location.search),
        id: route.id ?? '',
        signal,
        setTitle,
        navigate,
        guard: (check) => {
            if (!signal.aborted) blocks = check;
        },
    };
    const makePage = session.user || route.name === 'unknown' ? pages[route.name] : signInPage;
    const kept = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.keepFocus : undefined;
    const { title, content } = makePage(context);
    setTitle(title);
    const main = /** @type {HTMLElement} */ (document.getElementById('main'));
    main.replaceChildren(...content);
    document.dispatchEvent(new CustomEvent('tandem:navigated'));
    if (focus) moveFocus(main, kept);
    if (top !== undefined) scrollTo(top, main, signal);
}

/** How long a page may take to reach its former height, in milliseconds. */
const restoreTimeout = 10_000;

/**
 * Scrolls to that position once the page is high enough: a list arrives a moment after its page. Stops as soon as the user
 * begins to scroll.
 * @param {number} top @param {HTMLElement} main @param {AbortSignal} left
 */
function scrollTo(top, main, left) {
    window.scrollTo(0, top);
    if (window.scrollY >= top - 1) return;
    const end = new AbortController();
    const grown = new ResizeObserver(() => {
        window.scrollTo(0, top);
        if (window.scrollY >= top - 1) end.abort();
    });
    const timer = setTimeout(() => end.abort(), restoreTimeout);
    const stop = () => end.abort();
    for (const name of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
        window.addEventListener(name, stop, { signal: end.signal, passive: true });
    }
    left.addEventListener('abort', stop, { signal: end.signal });
    end.signal.addEventListener('abort', () => {
        grown.disconnect();
        clearTimeout(timer);
    });
    grown.observe(main);
}

/**
 * Moves the focus to the same filter link if it exists again, otherwise to the heading, which screen readers then announce.
 * @param {HTMLElement} main @param {string | undefined} kept
 */
function moveFocus(main, kept) {
    const same = kept === undefined ? null : main.querySelector(`[data-keep-focus="${CSS.escape(kept)}"]`);
    if (same instanceof HTMLElement) same.focus({ preventScroll: true });
    else focusHeading(main);
}
