import { setText } from '../../shared/dom.js';
import { everySecond } from '../../shared/ticker.js';
import { client } from '../server.js';
import { countdown } from '../time.js';

/** The time until a game starts or since it started, by the server's clock. */
export class TandemCountdown extends HTMLElement {
    #start = 0;
    #end = 0;
    #stop = () => {};

    /** @param {import('../types.js').Game} game */
    show(game) {
        this.#start = Date.parse(game.scheduled_at);
        this.#end = this.#start + game.duration_minutes * 60_000;
        this.#tick();
    }

    connectedCallback() {
        this.#stop();
        this.#stop = everySecond(() => this.#tick());
        this.#tick();
    }

    disconnectedCallback() {
        this.#stop();
    }

    #tick() {
        if (this.#start === 0) return;
        const now = client.clock.now();
        setText(this, countdown(this.#start, this.#end, now));
        const left = this.#start - now;
        this.toggleAttribute('data-soon', left > 0 && left <= 3_600_000);
        this.toggleAttribute('data-running', left <= 0 && now < this.#end);
    }
}

customElements.define('tandem-countdown', TandemCountdown);
