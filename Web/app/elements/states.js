import { button, h, icon, svg } from '../dom.js';
import { onceLive } from '../server.js';

/** @param {number} count */
export function skeletonCards(count) {
    const bones = () => ['short', 'tall', '', 'short'].map((size) => h('span', { class: `bone ${size}` }));
    const card = () =>
        h('div', { class: 'skeleton card' }, h('div', { class: 'stub' }), h('div', { class: 'body' }, bones()));
    return h('div', { class: 'cards', 'aria-hidden': 'true' }, Array.from({ length: count }, card));
}

export const skeletonSheet = () => h('div', { class: 'skeleton sheet', 'aria-hidden': 'true' });

/**
 * Nothing here, and what to do about it.
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
 * Something could not be read. It is tried again when somebody says so, or when the connection is back.
 * @param {string} reason @param {() => void} again
 */
export function troubleState(reason, again) {
    const forget = onceLive(() => element.isConnected && again());
    const press = () => {
        forget();
        again();
    };
    const element = h('div', { class: 'empty', role: 'alert' },
        icon('alert'),
        h('h2', {}, 'That didn’t load'),
        h('p', {}, reason),
        button('Try again', press, { class: 'button primary' }));
    return element;
}

/** The two wheels of the name, waiting for riders. */
function unlitWheels() {
    const wheel = (/** @type {number} */ x) => svg('circle', { cx: x, cy: 40, r: 30, 'stroke-dasharray': '5 7' });
    return svg('svg', { class: 'wheels', viewBox: '0 0 120 80', 'aria-hidden': 'true' }, wheel(41), wheel(79));
}
