import { onDevice } from './storage.js';

/** Light, dark, or following the system; remembered on this device. Loaded first, so that the page never flashes. */

/** @typedef {'auto' | 'light' | 'dark'} Theme */

const key = 'tandem-theme';
/** @type {Theme[]} */
const order = ['auto', 'light', 'dark'];

/** @returns {Theme} */
export function currentTheme() {
    const stored = /** @type {Theme} */ (onDevice.read(key));
    return order.includes(stored) ? stored : 'auto';
}

export function nextTheme() {
    const next = /** @type {Theme} */ (order[(order.indexOf(currentTheme()) + 1) % order.length]);
    onDevice.write(key, next);
    show(next);
    return next;
}

/** @param {Theme} theme */
function show(theme) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}

show(currentTheme());
