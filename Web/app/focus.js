/**
 * Moves the focus to the heading of the new content, so that screen readers announce it.
 * @param {Element} place
 */
export function focusHeading(place) {
    const heading = place.querySelector('h1') ?? document.querySelector('#main h1') ?? document.getElementById('main');
    if (!(heading instanceof HTMLElement)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
}

/**
 * Replaces the content of a place. If the focus was inside, it moves to the heading instead of getting lost.
 * @param {Element} place @param {...(Node | string)} content
 */
export function swap(place, ...content) {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...content);
    if (hadFocus) focusHeading(place);
}
