/**
 * Makes the buttons of an element a single tab stop: arrows, Home and End move between them.
 *
 * Call `settle()` whenever the buttons have changed.
 */
export class Roving {
    #place;
    #current = 0;

    /** @param {HTMLElement} place */
    constructor(place) {
        this.#place = place;
        place.addEventListener('keydown', (event) => this.#moved(event));
        place.addEventListener('focusin', (event) => {
            const index = this.buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
            if (index >= 0) this.#choose(index);
        });
    }

    get buttons() {
        return [...this.#place.querySelectorAll('button')];
    }

    /** The button that the Tab key reaches. */
    get current() {
        return this.buttons[this.#current];
    }

    /** Makes exactly one button reachable by Tab, after the buttons have changed. */
    settle() {
        this.#choose(Math.min(this.#current, this.buttons.length - 1));
    }

    focus() {
        this.current?.focus();
    }

    /** @param {number} index */
    prefer(index) {
        if (index >= 0) this.#choose(index);
    }

    /** @param {number} index */
    #choose(index) {
        this.#current = Math.max(0, index);
        this.buttons.forEach((button, place) => {
            button.tabIndex = place === this.#current ? 0 : -1;
        });
    }

    /** @param {KeyboardEvent} event */
    #moved(event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const last = this.buttons.length - 1;
        const target = destination(event.key, this.#current, last);
        if (target === null || last < 0) return;
        event.preventDefault();
        this.#choose(target);
        this.focus();
    }
}

/** @param {string} key @param {number} current @param {number} last */
function destination(key, current, last) {
    switch (key) {
        case 'ArrowRight':
        case 'ArrowDown':
            return current === last ? 0 : current + 1;
        case 'ArrowLeft':
        case 'ArrowUp':
            return current === 0 ? last : current - 1;
        case 'Home':
            return 0;
        case 'End':
            return last;
        default:
            return null;
    }
}
