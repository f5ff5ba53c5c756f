import { button, h, icon } from '../../shared/dom.js';

/**
 * @typedef {object} ToastOptions
 * @property {'plain' | 'good' | 'trouble'} [tone]
 * @property {{label: string, run: () => void}} [action]
 * @property {string} [about] what it is about: it replaces an earlier toast about the same thing
 */

/** Short notes at the edge of the page, announced politely. They are never the only place for a piece of information. */
export class TandemToasts extends HTMLElement {
    /** @param {string} text @param {ToastOptions} [options] @returns {() => void} removes it */
    add(text, options = {}) {
        const { tone = 'plain', action, about = text } = options;
        for (const shown of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('.toast'))) {
            if (shown.dataset.about === about) shown.remove();
        }
        while (this.children.length >= 3) this.firstElementChild?.remove();
        const symbol = tone === 'good' ? 'check' : tone === 'trouble' ? 'alert' : 'lantern';
        const toast = h('div', { class: 'toast', 'data-tone': tone, 'data-about': about }, icon(symbol), h('p', {}, text));
        const returnFocus = focusReturner(toast);
        const close = () => {
            returnFocus();
            toast.remove();
        };
        if (action) {
            const run = () => {
                close();
                action.run();
            };
            toast.append(button(action.label, run, { class: 'quiet' }));
        }
        const dismiss = button('', close, { class: 'quiet only-icon', icon: 'cross' });
        dismiss.setAttribute('aria-label', 'Dismiss');
        toast.append(dismiss);
        this.append(toast);
        stayWhileUsed(toast, action ? 9000 : 5000, close);
        return close;
    }
}

/**
 * Returns a function that moves the focus back to where it came from, if it is in the toast.
 * @param {HTMLElement} toast
 */
function focusReturner(toast) {
    /** @type {EventTarget | null} */
    let from = null;
    toast.addEventListener('focusin', ({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && toast.contains(relatedTarget))) from = relatedTarget;
    });
    return () => {
        if (!toast.contains(document.activeElement)) return;
        const place = from instanceof HTMLElement && from.isConnected ? from : document.getElementById('main');
        place?.focus({ preventScroll: true });
    };
}

/**
 * Closes after a while, but not while it is hovered or has the focus.
 * @param {HTMLElement} toast @param {number} delay @param {() => void} close
 */
function stayWhileUsed(toast, delay, close) {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const start = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
            if (toast.matches(':hover') || toast.contains(document.activeElement)) start();
            else close();
        }, delay);
    };
    toast.addEventListener('pointerleave', start);
    toast.addEventListener('focusout', start);
    start();
}

customElements.define('tandem-toasts', TandemToasts);

/** @param {string} text @param {ToastOptions} [options] */
export function toast(text, options) {
    const region = /** @type {TandemToasts | null} */ (document.querySelector('tandem-toasts'));
    return region?.add(text, options) ?? (() => {});
}

/**
 * Announces something to screen readers only.
 * @param {string} text
 */
export function announce(text) {
    const region = document.getElementById('announcer');
    if (region && text) region.textContent = region.textContent === text ? `${text}\u00A0` : text;
}
