import { button, h, icon, setText } from '../../shared/dom.js';
import { everySecond } from '../../shared/ticker.js';
import { client } from '../server.js';

/** The connection must be lost for this long before the banner appears, in milliseconds. */
const grace = 1500;
/** How long the banner reports that the connection is back, in milliseconds. */
const backFor = 3000;

/** Reports that the page may be out of date and what is being done about it; then that it is up to date again. */
export class TandemBanner extends HTMLElement {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #stopTicking = () => {};
    #troubled = false;
    #words = document.createTextNode('');
    /** Visible only: a screen reader would announce every second. */
    #count = h('span', { 'aria-hidden': 'true' });
    #text = h('p', {}, this.#words, this.#count);
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
        else this.#timer ??= setTimeout(() => this.#appear(), grace);
    }

    #appear() {
        this.#troubled = true;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.dataset.state = 'trouble';
        document.documentElement.dataset.stale = '';
        this.#describe();
        this.replaceChildren(icon('lantern'), this.#text, this.#retry);
        this.#stopTicking = everySecond(() => this.#describe());
    }

    #describe() {
        const { phase, reason, retryAt } = client.state;
        const isOver = phase === 'offline' || phase === 'closed';
        if (isOver) this.#letGoOfFocus();
        this.#retry.hidden = isOver;
        // During an attempt it stays in place: it may have the focus.
        this.#retry.setAttribute('aria-disabled', String(retryAt === null));
        if (phase === 'offline') return this.#say('You’re offline. What you see may be out of date.');
        if (reason === 'forbidden') return this.#say('You no longer have access to live updates. Reload to try again.');
        const seconds = retryAt === null ? 0 : Math.ceil((retryAt - Date.now()) / 1000);
        const words = reason === 'bye' ? 'Tandem is restarting.' : 'Reconnecting…';
        this.#say(words, seconds > 0 ? ` Retrying in ${seconds} s.` : '');
    }

    /** @param {string} words @param {string} [count] */
    #say(words, count = '') {
        if (this.#words.data !== words) this.#words.data = words;
        setText(this.#count, count);
    }

    #letGoOfFocus() {
        if (this.contains(document.activeElement)) document.getElementById('main')?.focus({ preventScroll: true });
    }

    /** @param {boolean} live */
    #back(live) {
        this.#clear();
        if (!live) return;
        this.dataset.state = 'back';
        this.#say('Back: caught up');
        this.replaceChildren(icon('check'), this.#text);
        this.#timer = setTimeout(() => this.#clear(), backFor);
    }

    #clear() {
        this.#troubled = false;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#stopTicking();
        delete this.dataset.state;
        delete document.documentElement.dataset.stale;
        this.#letGoOfFocus();
        this.replaceChildren();
    }
}

customElements.define('tandem-banner', TandemBanner);
