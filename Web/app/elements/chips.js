import { h } from '../dom.js';

/**
 * A filter as a row of links, so that every choice has an address.
 * @param {string} label @param {[string, string][]} choices value and name @param {string} current
 * @param {(value: string) => string} address
 */
export function chips(label, choices, current, address) {
    return h('nav', { class: 'chips', 'aria-label': `Filter by ${label.toLowerCase()}` },
        h('ul', {}, choices.map(([value, name]) =>
            h('li', {}, h('a', { href: address(value), 'aria-current': value === current ? 'true' : null, 'data-keep-focus': `${label}/${value}` }, name)))));
}
