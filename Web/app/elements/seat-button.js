import { h, icon, setText } from '../../shared/dom.js';
import { live, session } from '../app.js';
import { permissions, seatsOf } from '../games/seats.js';
import { reasonOf } from '../server.js';
import { ask } from './ask.js';
import { toast } from './toasts.js';

/** A second press within this time is ignored, so that Join doesn't turn into Leave under the finger; in milliseconds. */
const cooldown = 700;

const busyLabels = { join: 'Joining…', leave: 'Leaving…' };

/** Join or Leave, the user's own state, and why the last attempt failed. */
export class TandemSeat extends HTMLElement {
    /** @type {import('../types.js').Game | null} */
    #game = null;
    #pending = false;
    #resting = false;
    /** @type {'join' | 'leave' | null} */
    #under = null;
    /**
     * The action of the last attempt, while its failure is shown.
     * @type {'join' | 'leave' | null}
     */
    #failedTo = null;
    #label = h('span');
    #button = h('button', { type: 'button', class: 'button', onclick: () => this.#press() }, this.#label);
    #state = h('p', { class: 'seat-state' });
    #trouble = h('p', { class: 'trouble' });

    connectedCallback() {
        if (!this.#button.isConnected) this.append(this.#button, this.#state, this.#trouble);
    }

    /** @param {import('../types.js').Game} game @param {boolean} pending */
    show(game, pending) {
        this.#game = game;
        this.#pending = pending;
        this.#draw();
    }

    #draw() {
        const game = this.#game;
        if (!game) return;
        const seats = seatsOf(game, session.user?.id ?? '');
        const { canJoin, canLeave } = permissions(game);
        const mine = seats.mine !== 'none';
        // The failed action has taken effect in another way.
        if (this.#failedTo === (mine ? 'join' : 'leave')) this.#tellTrouble(null, '');
        this.#button.hidden = mine ? !canLeave : !canJoin;
        this.#button.classList.toggle('primary', !mine);
        this.toggleAttribute('data-pending', this.#pending);
        this.#button.setAttribute('aria-disabled', String(this.#under !== null || this.#resting));
        setText(this.#label, this.#under === null ? idleLabel(seats) : busyLabels[this.#under]);
        // The label names the game, because several buttons have the same text.
        this.#button.setAttribute('aria-label', `${this.#label.textContent}: ${game.title}`);
        this.#drawState(seats.mine, seats.position);
    }

    /** @param {'none' | 'confirmed' | 'waiting'} mine @param {number} position */
    #drawState(mine, position) {
        // While an action is in progress the button says so; its outcome isn't known yet.
        if (this.#under !== null) mine = 'none';
        const text = mine === 'confirmed' ? 'You’re in' : mine === 'waiting' ? `${ordinal(position)} in line` : '';
        if (this.#state.textContent === text && this.#state.dataset.mine === mine) return;
        this.#state.dataset.mine = mine;
        this.#state.replaceChildren(...(text ? [icon(mine === 'confirmed' ? 'check' : 'clock'), text] : []));
    }

    /** @param {'join' | 'leave' | null} what @param {string} text */
    #tellTrouble(what, text) {
        this.#failedTo = what;
        setText(this.#trouble, text);
    }

    #rest() {
        this.#resting = true;
        setTimeout(() => {
            this.#resting = false;
            this.#draw();
        }, cooldown);
    }

    async #press() {
        const game = this.#game;
        if (!game || !session.user || this.#under || this.#resting) return;
        const leaving = seatsOf(game, session.user.id).mine !== 'none';
        if (leaving && !(await this.#reallyLeave(game))) return;
        this.#rest();
        await this.#run(game, leaving ? 'leave' : 'join');
    }

    /**
     * Asks before giving up a seat that somebody is waiting for; otherwise leaving can be undone.
     * @param {import('../types.js').Game} game
     */
    async #reallyLeave(game) {
        const { mine, waiting } = seatsOf(game, session.user?.id ?? '');
        if (mine !== 'confirmed' || waiting.length === 0) return true;
        return ask({
            title: 'Give up your seat?',
            text: `${waiting[0]?.display_name} is waiting and gets it at once. Come back and you start at the end of the line.`,
            confirm: 'Give it up',
            cancel: 'Stay',
        });
    }

    /** @param {import('../types.js').Game} game @param {'join' | 'leave'} what */
    async #run(game, what) {
        if (this.#under) return;
        this.#under = what;
        this.#tellTrouble(null, '');
        this.#draw();
        try {
            await live[what](game.id);
            this.#said(game, what);
        } catch (error) {
            this.#failed(game, what, error);
        } finally {
            this.#under = null;
            this.#draw();
        }
    }

    /** @param {import('../types.js').Game} game @param {'join' | 'leave'} what */
    #said(game, what) {
        const title = shortened(game.title);
        if (what === 'leave') {
            const undo = { label: 'Undo', run: () => this.#run(game, 'join') };
            toast(`You left ${title}.`, { action: undo, about: game.id });
            return;
        }
        const now = live.collection.get(game.id);
        const { mine, position } = seatsOf(now ?? game, session.user?.id ?? '');
        const place = mine === 'waiting' ? `You’re ${ordinal(position)} in line for ${title}.` : `You’re in: ${title}.`;
        toast(place, { tone: 'good', about: game.id });
    }

    /** @param {import('../types.js').Game} game @param {'join' | 'leave'} what @param {unknown} error */
    #failed(game, what, error) {
        const reason = reasonOf(error);
        const failure = what === 'join' ? 'Couldn’t join' : 'Couldn’t leave';
        const text = `${failure} ${shortened(game.title)}: ${reason}`;
        this.#tellTrouble(what, `${failure}: ${reason}`);
        const again = { label: 'Try again', run: () => this.#run(game, what) };
        toast(text, { tone: 'trouble', action: again, about: game.id });
        live.collection.refresh(game.id).catch(() => {});
    }
}

/** @param {import('../games/seats.js').Seats} seats */
function idleLabel({ mine, free }) {
    if (mine === 'confirmed') return 'Leave';
    if (mine === 'waiting') return 'Leave the line';
    return free > 0 ? 'Join' : 'Join the line';
}

/** @param {string} title */
const shortened = (title) => (title.length > 44 ? `${title.slice(0, 42).trimEnd()}…` : title);

/** @param {number} number */
export function ordinal(number) {
    const suffix = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' };
    return `${number}${suffix[new Intl.PluralRules('en', { type: 'ordinal' }).select(number)]}`;
}

customElements.define('tandem-seat', TandemSeat);
