import { icons } from './icons.js';

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, any>} Properties attributes by name; `onclick` and the like take functions; false, null and
 *   undefined leave an attribute out
 */

/**
 * Makes an element: `h('button', { type: 'button', onclick }, 'Text', child)`. Text is always text: nothing is parsed as HTML.
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
 * A button that runs something on this page.
 * @param {string} label @param {() => void} run @param {{class?: string, icon?: string}} [look]
 */
export function button(label, run, look = {}) {
    const properties = { type: 'button', class: look.class ?? 'button', onclick: run };
    return h('button', properties, look.icon !== undefined && icon(look.icon), label);
}

/**
 * Text for screen readers only.
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
 * An icon. It is decoration: its meaning is in the text beside it, or in the label.
 * @param {string} name one of `icons.js` @param {number} [size] in pixels; by default the style sheet's
 */
export function icon(name, size) {
    const shapes = (icons[name] ?? []).map(([shape, attributes]) => svg(shape, attributes));
    return svg('svg', { class: 'icon', viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }, shapes);
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
 * Replaces the text only where it differs, so that a selection is kept and screen readers are not set off.
 * @param {Element} element @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/**
 * Puts a parent's children into the given order with as few moves as possible: elements that stay keep their focus.
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
