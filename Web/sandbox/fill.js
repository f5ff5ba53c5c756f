/**
 * Puts `children` into `parent`, keeping those that are there already, and the focus: an element that had it and is replaced
 * hands it to the one with the same `data-key`.
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
