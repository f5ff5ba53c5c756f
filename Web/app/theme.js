/** Light, dark, or as the system says; remembered on this device. Loaded first, so that the page never flashes. */

/** @typedef {'auto' | 'light' | 'dark'} Theme */

/** @type {Theme[]} */
const order = ['auto', 'light', 'dark'];

/** @returns {Theme} */
export function currentTheme() {
    const stored = /** @type {Theme} */ (read());
    return order.includes(stored) ? stored : 'auto';
}

export function nextTheme() {
    const next = /** @type {Theme} */ (order[(order.indexOf(currentTheme()) + 1) % order.length]);
    try {
        localStorage.setItem('tandem-theme', next);
    } catch {
        // Storage may be forbidden; then the choice lasts as long as the page.
    }
    show(next);
    return next;
}

/** @param {Theme} theme */
function show(theme) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}

function read() {
    try {
        return localStorage.getItem('tandem-theme');
    } catch {
        return null;
    }
}

show(currentTheme());
