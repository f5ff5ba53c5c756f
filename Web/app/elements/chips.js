import { h } from '../../shared/dom.js';

/**
 * A filter as a row of links, so that every choice has its own address.
 * @param {string} label @param {[string, string][]} choices value and name @param {string} current
 * @param {(value: string) => string} address
 */
export function chips(label, choices, current, address) {
    const links = choices.map(([value, name]) => {
        const here = value === current ? 'true' : null;
        return h('a', { href: address(value), 'aria-current': here, 'data-keep-focus': `${label}/${value}` }, name);
    });
    return h('nav', { class: 'chips', 'aria-label': `Filter by ${label.toLowerCase()}` },
        h('ul', {}, links.map((link) => h('li', {}, link))));
}
