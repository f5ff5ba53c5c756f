import { icons } from './icons.js';

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, any>} Properties attributes by name; `onclick` and the like take functions; false, null and
 *   undefined leave an attribute out
 */

/**
 * Makes an element. Text is always text: nothing here is parsed as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Properties} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, properties = {}, ...children) {
    const element = document.createElement(name);
    apply(element, properties);
    element.append(...nodes(children));
    return element;
}

/**
 * A button that does something on this page.
 * @param {string} label @param {() => void} run @param {{class?: string, icon?: string}} [look]
 */
export function button(label, run, look = {}) {
    const properties = { type: 'button', class: look.class ?? 'button', onclick: run };
    return h('button', properties, look.icon !== undefined && icon(look.icon), label);
}

/**
 * Words for a screen reader only.
 * @template {keyof HTMLElementTagNameMap} [Name='span']
 * @param {string} text @param {Name} [name]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function unseen(text, name) {
    return /** @type {HTMLElementTagNameMap[Name]} */ (h(name ?? 'span', { class: 'visually-hidden' }, text));
}

/**
 * @param {string} name @param {Properties} [properties] @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function svg(name, properties = {}, ...children) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    apply(element, properties);
    element.append(...nodes(children));
    return element;
}

/**
 * An icon. It is decoration: what it means stands next to it, or in the label.
 * @param {string} name one of `icons.js`
 */
export function icon(name) {
    const shapes = (icons[name] ?? []).map(([shape, attributes]) => svg(shape, attributes));
    return svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, shapes);
}

/** @param {Element} element @param {Properties} properties */
export function apply(element, properties) {
    for (const [name, value] of Object.entries(properties)) {
        if (name.startsWith('on') && typeof value === 'function') element.addEventListener(name.slice(2), value);
        else if (value === false || value === null || value === undefined) element.removeAttribute(name);
        else element.setAttribute(name, value === true ? '' : String(value));
    }
}

/**
 * Replaces the text only when it differs, so that selections and screen readers are left in peace.
 * @param {Element} element @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/**
 * Moves the focus to the heading of what has come into this place: that is what a screen reader speaks then.
 * @param {Element} place
 */
export function focusHeading(place) {
    const heading = place.querySelector('h1') ?? document.querySelector('#main h1') ?? document.getElementById('main');
    if (!(heading instanceof HTMLElement)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
}

/**
 * Puts something else into a place. A focus that was in there goes to the heading, not lost.
 * @param {Element} place @param {...(Node | string)} content
 */
export function swap(place, ...content) {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...content);
    if (hadFocus) focusHeading(place);
}

/**
 * Brings a parent's children into the given order with as few moves as possible: elements that stay keep their focus.
 * @param {Element} parent @param {Node[]} wanted
 */
export function arrange(parent, wanted) {
    const keep = new Set(wanted);
    for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
    wanted.forEach((node, index) => {
        const current = parent.childNodes[index];
        if (current !== node) parent.insertBefore(node, current ?? null);
    });
}

/** @param {(Child | Child[])[]} children @returns {(Node | string)[]} */
function nodes(children) {
    return children
        .flat()
        .filter((child) => child !== null && child !== undefined && child !== false)
        .map((child) => (typeof child === 'number' ? String(child) : /** @type {Node | string} */ (child)));
}
