/**
 * Replaces the children of `parent`. If the focused element is replaced, the focus moves to the new element with the same
 * `data-key`.
 * @param {Element} parent
 * @param {Node[]} children
 */
export function fill(parent, children) {
    const focused = parent.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.getAttribute('data-key');
    parent.replaceChildren(...children);
    if (!focused || focused.isConnected || !key) return;
    const successor = [...parent.querySelectorAll('[data-key]')].find((e) => e.getAttribute('data-key') === key);
    if (successor instanceof HTMLElement) successor.focus({ preventScroll: true });
}
