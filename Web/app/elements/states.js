import { Backoff } from '../../sdk/index.js';
import { button, h, icon, svg } from '../../shared/dom.js';
import { swap } from '../focus.js';
import { isTransient, onceLive, reasonOf, waited } from '../server.js';

/** @param {number} count */
export function skeletonCards(count) {
    const bones = () => ['short', 'tall', '', 'short'].map((size) => h('span', { class: `bone ${size}` }));
    const card = () =>
        h('div', { class: 'skeleton card' }, h('div', { class: 'stub' }), h('div', { class: 'body' }, bones()));
    return h('div', { class: 'cards', 'aria-hidden': 'true' }, Array.from({ length: count }, card));
}

export const skeletonSheet = () => h('div', { class: 'skeleton sheet', 'aria-hidden': 'true' });

/**
 * Says that there is nothing here, and what to do about it.
 * @param {{title: string, text: string, link?: {label: string, href: string}}} what
 */
export function emptyState({ title, text, link }) {
    return h('div', { class: 'empty' },
        unlitWheels(),
        h('h2', {}, title),
        h('p', {}, text),
        link && h('a', { class: 'button primary', href: link.href }, link.label));
}

/**
 * Loads the content of a place. When that fails the place shows why, and it is retried: at the user's request, when the
 * connection is back, and after a while if the failure is transient.
 * @param {Element} place @param {() => Promise<unknown>} read
 * @param {{signal?: AbortSignal, before?: () => Node[]}} [options] `before` makes what goes above the error
 */
export async function readInto(place, read, options = {}) {
    const { signal, before = () => [] } = options;
    const backoff = new Backoff({ min: 2000, max: 20_000 });
    let again = () => {};
    let shown = '';
    while (!signal?.aborted) {
        try {
            await read();
            return;
        } catch (error) {
            if (signal?.aborted) return;
            const reason = reasonOf(error);
            if (reason !== shown) swap(place, ...before(), troubleState(reason, () => again()));
            shown = reason;
            place.removeAttribute('aria-busy');
            markTrying(place, false);
            /** @type {Promise<void>} */
            const requested = new Promise((resolve) => (again = resolve));
            const forget = onceLive(() => again(), signal);
            await (isTransient(error) ? Promise.race([requested, waited(error, backoff)]) : requested);
            forget();
            markTrying(place, true);
        }
    }
}

/** @param {Element} place @param {boolean} isTrying */
const markTrying = (place, isTrying) => place.querySelector('.empty button')?.setAttribute('aria-disabled', String(isTrying));

/** @param {string} reason @param {() => void} again */
const troubleState = (reason, again) => h('div', { class: 'empty', role: 'alert' },
    icon('alert'),
    h('h2', {}, 'That didn’t load'),
    h('p', {}, reason),
    button('Try again', again, { class: 'button primary' }));

/** The logo's two wheels, as outlines. */
function unlitWheels() {
    const wheel = (/** @type {number} */ x) => svg('circle', { cx: x, cy: 40, r: 30, 'stroke-dasharray': '5 7' });
    return svg('svg', { class: 'wheels', viewBox: '0 0 120 80', 'aria-hidden': 'true' }, wheel(41), wheel(79));
}
