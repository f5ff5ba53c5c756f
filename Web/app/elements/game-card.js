import { avatar } from '../../shared/avatar.js';
import { h, icon, setText, unseen } from '../../shared/dom.js';
import { session } from '../app.js';
import { isOver, seatsOf } from '../games/seats.js';
import { statusOf } from '../games/status.js';
import { detailsPath } from '../routes.js';
import { discordAddress } from '../server.js';
import { clockFace, durationText, fullTime, zoneName } from '../time.js';
import { TandemCountdown } from './countdown.js';
import { TandemSeat } from './seat-button.js';
import { TandemWheel } from './wheel.js';

const mostFaces = 6;

/** A game as a ticket: the time on the stub, the rest on the body. It is updated in place, so that focus stays where it is. */
export class TandemGameCard extends HTMLElement {
    #title = h('a', { class: 'title' });
    #time = h('time', {});
    #zone = h('span', { class: 'zone' });
    #countdown = new TandemCountdown();
    #wheel = new TandemWheel();
    #guild = h('span', {});
    #status = h('span', { class: 'status' });
    #facts = h('ul', { class: 'facts' });
    #people = h('div', { class: 'people' });
    #seat = new TandemSeat();
    #chat = h('a', { class: 'button quiet only-icon', target: '_blank', rel: 'noopener' }, icon('discord'));
    #facesDrawn = '';
    #factsDrawn = '';

    connectedCallback() {
        if (this.firstElementChild) return;
        this.append(h('article', { class: 'card' },
            h('div', { class: 'stub' },
                h('p', { class: 'when' }, this.#time, this.#zone),
                this.#wheel,
                this.#countdown),
            h('div', { class: 'body' },
                h('p', { class: 'kicker' }, this.#guild, this.#status),
                h('h3', {}, this.#title),
                this.#facts,
                this.#people,
                h('div', { class: 'foot' }, this.#seat, this.#chat))));
    }

    /** @param {import('../types.js').Game} game @param {boolean} [pending] */
    show(game, pending = false) {
        const me = session.user?.id ?? '';
        const seats = seatsOf(game, me);
        const start = Date.parse(game.scheduled_at);
        this.dataset.status = game.status;
        this.dataset.mine = seats.mine;
        this.dataset.id = game.id;
        setText(this.#title, game.title);
        this.#title.href = detailsPath(game.id);
        this.#time.dateTime = game.scheduled_at;
        this.#time.title = fullTime(start);
        const { digits, period } = clockFace(start);
        setText(this.#time, digits);
        setText(this.#zone, `${period} ${zoneName(start)}`.trim());
        setText(this.#guild, session.guild(game.guild_id)?.name ?? 'Unknown server');
        this.#drawStatus(game);
        this.#countdown.hidden = isOver(game);
        this.#countdown.show(game);
        this.#wheel.show(seats);
        this.#drawFacts(game);
        this.#drawPeople(seats);
        this.#seat.show(game, pending);
        this.#chat.href = discordAddress(game);
        this.#chat.setAttribute('aria-label', `Open ${game.title} on Discord`);
        this.#chat.title = 'Open on Discord';
    }

    /** Moves the focus to this card. */
    focusTitle() {
        this.#title.focus();
    }

    /** @param {import('../types.js').Game} game */
    #drawStatus(game) {
        const { key, label, icon: symbol } = statusOf(game);
        if (this.#status.dataset.status === key) return;
        this.#status.dataset.status = key;
        this.#status.replaceChildren(icon(symbol), label);
    }

    /** @param {import('../types.js').Game} game */
    #drawFacts(game) {
        const facts = /** @type {[string, string, string][]} */ ([
            ['place', 'Where', game.where],
            ['host', 'Host', game.host.name],
            ['clock', 'Duration', durationText(game.duration_minutes)],
        ].filter(([, , text]) => text));
        const key = facts.join('|');
        if (key === this.#factsDrawn) return;
        this.#factsDrawn = key;
        this.#facts.replaceChildren(...facts.map(([symbol, name, text]) =>
            h('li', {}, icon(symbol), unseen(`${name}: `), h('span', { class: 'fact' }, text))));
    }

    /** @param {import('../games/seats.js').Seats} seats */
    #drawPeople({ confirmed, waiting }) {
        const key = [...confirmed, ...waiting].map((each) => each.user_id + each.state + each.display_name).join();
        if (key === this.#facesDrawn && this.#people.firstChild) return;
        this.#facesDrawn = key;
        const shown = confirmed.slice(0, mostFaces);
        const hidden = confirmed.length - shown.length;
        const faces = h('ul', { class: 'faces' },
            shown.map((each) => h('li', { title: each.display_name }, face(each), unseen(each.display_name))),
            hidden > 0 && h('li', { class: 'more' }, `+${hidden}`, unseen(' more')));
        this.#people.replaceChildren(
            shown.length > 0 ? faces : h('p', { class: 'nobody' }, 'No one yet. Be the first to join.'),
            ...(waiting.length > 0 ? [h('p', { class: 'waiting' }, `${waiting.length} waiting`)] : []));
    }
}

/** @param {import('../types.js').Participant} participant */
function face({ user_id, display_name }) {
    const picture = user_id === session.user?.id ? session.user.avatar_url : null;
    return avatar({ id: user_id, name: display_name, picture });
}

customElements.define('tandem-game-card', TandemGameCard);
