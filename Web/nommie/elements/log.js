import { h } from '../../shared/dom.js';

/** How many lines are kept: a long list would slow the page down, and the score sheet has what matters. */
const kept = 120;

/** What happened, newest last. Screen readers announce each line once, when it is added. */
export class NommieLog extends HTMLElement {
    #lines = h('div', { class: 'log-lines', role: 'log', 'aria-label': 'What happened', tabindex: 0 });

    connectedCallback() {
        this.append(this.#lines);
    }

    /** @param {string} line */
    add(line) {
        this.#lines.append(h('p', {}, line));
        while (this.#lines.childElementCount > kept) this.#lines.firstElementChild?.remove();
        this.#lines.scrollTop = this.#lines.scrollHeight;
    }
}

customElements.define('nommie-log', NommieLog);
