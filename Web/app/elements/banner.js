import { button, h, icon, setText } from '../dom.js';
import { client } from '../server.js';
import { everySecond } from '../ticker.js';

/** A short loss of the connection is nobody's business. */
const patience = 1500;
const farewell = 3000;

/** Says that the page may be out of date and what is done about it; then that it is up to date again. */
export class TandemBanner extends HTMLElement {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #stopTicking = () => {};
    #troubled = false;
    #text = h('p', {});
    #retry = button('Retry now', () => client.retryNow(), { class: 'quiet' });

    connectedCallback() {
        client.on('state', () => this.#changed());
    }

    #changed() {
        const { phase, reason } = client.state;
        document.documentElement.dataset.connection = phase;
        const fine = ['live', 'idle'].includes(phase) || ['hidden', 'signed_out', 'closed'].includes(reason ?? '');
        if (fine && this.#troubled) this.#back(phase === 'live');
        else if (fine) this.#clear();
        else if (this.#troubled) this.#describe();
        else this.#timer ??= setTimeout(() => this.#appear(), patience);
    }

    #appear() {
        this.#troubled = true;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.dataset.state = 'trouble';
        document.documentElement.dataset.stale = '';
        this.replaceChildren(icon('lantern'), this.#text, this.#retry);
        this.#stopTicking = everySecond(() => this.#describe());
        this.#describe();
    }

    #describe() {
        const { phase, reason, retryAt } = client.state;
        this.#retry.hidden = retryAt === null;
        if (phase === 'offline') return setText(this.#text, 'You’re offline. What you see may be old.');
        if (reason === 'forbidden') return setText(this.#text, 'Live updates are closed to you. Reload to try again.');
        const seconds = retryAt === null ? 0 : Math.ceil((retryAt - Date.now()) / 1000);
        const start = reason === 'bye' ? 'Tandem is restarting.' : 'Reconnecting…';
        // The seconds are for the eye only: spoken, they would never end.
        const count = h('span', { 'aria-hidden': 'true' }, seconds > 0 ? ` Retrying in ${seconds} s.` : '');
        if (this.#text.textContent !== start + count.textContent) this.#text.replaceChildren(start, count);
    }

    /** @param {boolean} live */
    #back(live) {
        this.#clear();
        if (!live) return;
        this.dataset.state = 'back';
        setText(this.#text, 'Back: caught up');
        this.replaceChildren(icon('check'), this.#text);
        this.#timer = setTimeout(() => this.#clear(), farewell);
    }

    #clear() {
        this.#troubled = false;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#stopTicking();
        delete this.dataset.state;
        delete document.documentElement.dataset.stale;
        this.replaceChildren();
    }
}

customElements.define('tandem-banner', TandemBanner);
