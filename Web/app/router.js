import { session } from './app.js';
import { matchRoute } from './routes.js';
import { root } from './server.js';
import { browsePage } from './pages/browse.js';
import { detailsPage } from './pages/details.js';
import { createPage, editPage } from './pages/edit.js';
import { minePage } from './pages/mine.js';
import { notFoundPage } from './pages/not-found.js';
import { signInPage } from './pages/sign-in.js';

/**
 * @typedef {object} PageContext
 * @property {string} path relative to the app's root
 * @property {URLSearchParams} search
 * @property {string} id
 * @property {AbortSignal} signal fires when the page is left
 * @property {(title: string) => void} setTitle
 * @property {(blocks: () => boolean) => void} guard asks before the page is left while `blocks` says so
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

/** @param {string} address relative to the app's root @param {{replace?: boolean}} [options] */
export function navigate(address, options = {}) {
    const target = new URL(address, root);
    scrolled.set(entry, window.scrollY);
    if (options.replace) {
        history.replaceState({ entry }, '', target);
    } else {
        entry += 1;
        history.pushState({ entry }, '', target);
    }
    render({ focus: true, top: 0 });
}

/** Shows the page of the current address again, as after signing in or out. */
export function refreshPage() {
    render({ focus: false });
}

export function startRouter() {
    history.scrollRestoration = 'manual';
    entry = typeof history.state?.entry === 'number' ? history.state.entry : 0;
    history.replaceState({ entry }, '');
    document.addEventListener('click', follow);
    window.addEventListener('popstate', (event) => {
        scrolled.set(entry, window.scrollY);
        entry = typeof event.state?.entry === 'number' ? event.state.entry : 0;
        render({ focus: true, top: scrolled.get(entry) ?? 0 });
    });
    window.addEventListener('beforeunload', (event) => {
        if (blocks()) event.preventDefault();
    });
    render({ focus: false });
}

/**
 * Ordinary clicks on links of our own pages stay in this document.
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
    if (blocks() && !window.confirm('Leave without saving your changes?')) return;
    navigate(link.href);
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
        guard: (check) => {
            blocks = check;
        },
    };
    const makePage = session.user || route.name === 'unknown' ? pages[route.name] : signInPage;
    const kept = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.keepFocus : undefined;
    const { title, content } = makePage(context);
    setTitle(title);
    const main = /** @type {HTMLElement} */ (document.getElementById('main'));
    main.replaceChildren(...content);
    document.dispatchEvent(new CustomEvent('tandem:navigated'));
    if (top !== undefined) window.scrollTo(0, top);
    if (focus) moveFocus(main, kept);
}

/**
 * To the same filter link where there is one again, else to the heading: that is what a screen reader speaks then.
 * @param {HTMLElement} main @param {string | undefined} kept
 */
function moveFocus(main, kept) {
    const same = kept === undefined ? null : main.querySelector(`[data-keep-focus="${CSS.escape(kept)}"]`);
    const heading = main.querySelector('h1');
    heading?.setAttribute('tabindex', '-1');
    const target = /** @type {HTMLElement} */ (same ?? heading ?? main);
    target.focus({ preventScroll: true });
}
