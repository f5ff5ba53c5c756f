import { avatar } from '../../shared/avatar.js';
import { arrange, button, h, icon, setText, unseen } from '../../shared/dom.js';
import { live, session } from '../app.js';
import { ask } from '../elements/ask.js';
import { TandemCountdown } from '../elements/countdown.js';
import { TandemSeat } from '../elements/seat-button.js';
import { readInto, skeletonSheet } from '../elements/states.js';
import { announce, toast } from '../elements/toasts.js';
import { TandemWheel } from '../elements/wheel.js';
import { swap } from '../focus.js';
import { calendarFile } from '../games/calendar-file.js';
import { describeChanges } from '../games/changes.js';
import { isOver, mayManage, seatsOf } from '../games/seats.js';
import { statusOf } from '../games/status.js';
import { editPath } from '../routes.js';
import { client, discordAddress, reasonOf } from '../server.js';
import { durationText, fullTime, zoneName } from '../time.js';
import { missingGame } from './not-found.js';

/** @typedef {import('../types.js').Game} Game */

/**
 * The page of one game.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function detailsPage({ id, signal, setTitle }) {
    const content = h('div', { class: 'details', 'aria-busy': 'true' }, unseen('Game', 'h1'), skeletonSheet());
    /** @type {GameSheet | null} */
    let sheet = null;
    /**
     * The confirmed state that was last announced.
     * @type {Game | undefined}
     */
    let announced;

    const show = () => {
        const game = live.collection.get(id);
        content.removeAttribute('aria-busy');
        if (!game) {
            sheet = null;
            swap(content, ...missingGame());
            return;
        }
        if (!sheet) {
            sheet = new GameSheet(id);
            swap(content, sheet.element);
        }
        const certain = live.collection.confirmed(id);
        if (announced && certain) announce(describeChanges(announced, certain, session.user?.id ?? '').join(' '));
        announced = certain;
        setTitle(game.title);
        sheet.show(game, live.collection.isPending(id));
    };
    const load = () => live.collection.refresh(id).then((game) => {
        if (!signal.aborted && (game === null || !sheet)) show();
    });
    live.onChange(({ key }) => key === id && show(), signal);
    live.view({ wants: (event) => event === id, reload: load }, signal);
    if (live.collection.get(id)) show();
    const loadOnce = async () => {
        // A game that is already known stays shown, even if it can't be read again.
        await load().catch((error) => {
            if (!sheet) throw error;
        });
    };
    readInto(content, loadOnce, { signal, before: () => [unseen('Game', 'h1')] });
    return { title: 'Game', content: [content] };
}

/** The sheet of one game, updated in place. */
class GameSheet {
    #guild = h('a', {});
    #status = h('span', { class: 'status' });
    #title = h('h1', { tabindex: '-1' });
    #time = h('time', {});
    #countdown = new TandemCountdown();
    #facts = h('dl', { class: 'sheet-facts' });
    #description = h('div', { class: 'prose' });
    #wheel = new TandemWheel();
    #seat = new TandemSeat();
    #seated = h('ol', { class: 'roster' });
    #waiting = h('ol', { class: 'roster' });
    #waitingPart = h('section', { class: 'line' }, h('h3', {}, 'Waiting in line'), this.#waiting);
    #chat = h('a', { class: 'button', target: '_blank', rel: 'noopener' }, icon('discord'), 'Open on Discord');
    #manage = h('div', { class: 'manage' });
    #rosterDrawn = '';
    #descriptionDrawn = '';
    #isCallingOff = false;

    /** @param {string} id */
    constructor(id) {
        this.id = id;
        this.element = h('article', { class: 'sheet' },
            h('header', {}, h('p', { class: 'kicker' }, this.#guild, this.#status), this.#title,
                h('p', { class: 'sheet-when' }, icon('calendar'), h('span', {}, this.#time, ' ', this.#countdown))),
            h('div', { class: 'sheet-body' },
                h('div', { class: 'sheet-main' }, this.#facts, this.#description,
                    h('div', { class: 'tools' }, this.#chat,
                        button('Add to calendar', () => this.#download(), { icon: 'calendar' }),
                        button('Copy link', share, { icon: 'link' })),
                    this.#manage),
                h('section', { class: 'table', 'aria-labelledby': 'seats-heading' },
                    h('h2', { id: 'seats-heading' }, 'At the table'),
                    this.#wheel, this.#seat, this.#seated, this.#waitingPart)));
    }

    /** @param {Game} game @param {boolean} pending */
    show(game, pending) {
        const seats = seatsOf(game, session.user?.id ?? '');
        const start = Date.parse(game.scheduled_at);
        const guild = session.guild(game.guild_id);
        const { key, label, icon: symbol } = statusOf(game);
        this.element.dataset.status = game.status;
        this.element.dataset.mine = seats.mine;
        this.#guild.href = `games?guild_id=${encodeURIComponent(game.guild_id)}`;
        setText(this.#guild, guild?.name ?? 'Unknown server');
        if (this.#status.dataset.status !== key) this.#status.replaceChildren(icon(symbol), label);
        this.#status.dataset.status = key;
        setText(this.#title, game.title);
        this.#time.dateTime = game.scheduled_at;
        setText(this.#time, `${fullTime(start)} ${zoneName(start)}`);
        this.#countdown.hidden = isOver(game);
        this.#countdown.show(game);
        this.#facts.replaceChildren(...facts(game));
        this.#drawDescription(game.description);
        this.#wheel.show(seats);
        this.#seat.show(game, pending);
        this.#chat.href = discordAddress(game);
        this.#drawRoster(seats);
        this.#drawManage(game);
    }

    /**
     * Redraws the description only if it has changed, to keep a selection in it.
     * @param {string} text
     */
    #drawDescription(text) {
        if (text === this.#descriptionDrawn) return;
        this.#descriptionDrawn = text;
        const paragraphs = text.split(/\n{2,}/).filter(Boolean);
        this.#description.replaceChildren(...paragraphs.map((each) => h('p', {}, each)));
    }

    /** @param {import('../games/seats.js').Seats} seats */
    #drawRoster({ confirmed, waiting, free }) {
        const key = JSON.stringify([confirmed, waiting, free]);
        if (key === this.#rosterDrawn) return;
        this.#rosterDrawn = key;
        const freeSeats = Array.from({ length: Math.min(free, 8) }, freeSeat);
        this.#seated.replaceChildren(...confirmed.map(rosterLine), ...freeSeats);
        this.#waiting.replaceChildren(...waiting.map(rosterLine));
        this.#waitingPart.hidden = waiting.length === 0;
    }

    /** @param {Game} game */
    #drawManage(game) {
        const mayChange = mayManage(game, session.user?.id ?? '', session.guild(game.guild_id));
        if (!mayChange) return this.#manage.replaceChildren();
        if (this.#manage.firstChild) return;
        arrange(this.#manage, [
            h('a', { class: 'button', href: editPath(game.id) }, icon('pencil'), 'Edit'),
            button('Call off', () => this.#callOff(), { class: 'button danger', icon: 'cross' }),
        ]);
    }

    async #callOff() {
        if (this.#isCallingOff) return;
        const game = live.collection.get(this.id);
        const sure = game && (await ask({
            title: 'Call this game off?',
            text: `“${game.title}” stays visible as called off, here and on Discord. That can’t be taken back.`,
            confirm: 'Call it off',
            danger: true,
        }));
        if (!sure) return;
        this.#isCallingOff = true;
        try {
            await live.cancel(this.id);
            toast(`${game.title} is called off.`, { about: game.id });
        } catch (error) {
            toast(`Couldn’t call it off: ${reasonOf(error)}`, { tone: 'trouble' });
        } finally {
            this.#isCallingOff = false;
        }
    }

    #download() {
        const game = live.collection.get(this.id);
        if (!game) return;
        const file = new Blob([calendarFile(game, location.href, client.clock.now())], { type: 'text/calendar' });
        const address = URL.createObjectURL(file);
        const link = h('a', { href: address, download: `game-${game.id}.ics`, 'data-outside': true });
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 10_000);
    }
}

/** @param {Game} game */
function facts(game) {
    /** @type {[string, string, string][]} */
    const list = [
        ['host', 'Host', game.host.name],
        ['place', 'Where', game.where || 'Not decided yet'],
        ['clock', 'Duration', durationText(game.duration_minutes)],
        ['people', 'Seats', String(game.max_players)],
    ];
    return list.map(([symbol, name, text]) => h('div', {}, h('dt', {}, icon(symbol), name), h('dd', {}, text)));
}

/** @param {import('../types.js').Participant} participant */
function rosterLine({ user_id, display_name, state }) {
    const mine = user_id === session.user?.id;
    return h('li', { class: mine ? 'mine' : null, 'data-state': state },
        avatar({ id: user_id, name: display_name, picture: mine ? session.user?.avatar_url : null }),
        h('span', {}, display_name), mine && h('span', { class: 'you' }, 'you'));
}

const freeSeat = () => h('li', { class: 'free', 'aria-hidden': 'true' }, h('span', { class: 'avatar' }), 'Free seat');

async function share() {
    try {
        await navigator.clipboard.writeText(location.href);
        toast('Link copied.', { tone: 'good' });
    } catch {
        toast(`Copy it from here: ${location.href}`);
    }
}
