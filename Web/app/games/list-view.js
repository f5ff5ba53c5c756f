import { arrange, button, h } from '../../shared/dom.js';
import { everySecond } from '../../shared/ticker.js';
import { live } from '../app.js';
import { TandemGameCard } from '../elements/game-card.js';
import { emptyState, readInto, skeletonCards } from '../elements/states.js';
import { announce, toast } from '../elements/toasts.js';
import { api, client, reasonOf } from '../server.js';
import { dayHeading } from '../time.js';

/**
 * @typedef {import('../types.js').Game} Game
 *
 * @typedef {object} ListOptions
 * @property {import('../server.js').GameQuery} query
 * @property {(game: Game) => boolean} matches whether a game that appears belongs in this list
 * @property {boolean} newestFirst
 * @property {{title: string, text: string, link?: {label: string, href: string}}} empty
 */

/** Today by the server's clock, in the user's time zone. */
const today = () => new Date(client.clock.now()).toDateString();

/** A live list of games by day: new games are inserted, changed ones are updated in place. */
export class ListView {
    element = h('div', { class: 'list', 'aria-busy': 'true' });

    /** @type {Map<string, TandemGameCard>} */
    #cards = new Map();
    /** @type {Map<string, HTMLElement>} */
    #days = new Map();
    /** @type {string | null} */
    #next = null;
    #loaded = false;
    #readings = 0;
    /**
     * Games that appeared since the latest read began and may be missing from its result.
     * @type {Set<string>}
     */
    #arrivals = new Set();
    #pages = 1;
    #arrangedOn = '';
    #more = button('Show more games', () => this.#showMore());

    /** @param {ListOptions} options @param {AbortSignal} signal */
    constructor(options, signal) {
        this.options = options;
        this.signal = signal;
        this.element.replaceChildren(skeletonCards(4));
        signal.addEventListener('abort', everySecond(() => this.#tick()));
        live.onChange((change) => this.#changed(change), signal);
        live.view({ wants: () => true, reload: () => this.#load() }, signal);
        readInto(this.element, () => this.#loadOnce(), { signal });
    }

    /** The stream may already have caused a read. */
    async #loadOnce() {
        if (!this.#loaded) await this.#load();
    }

    /** Reads the list again, as far as it was read before. Of several concurrent reads the latest counts. */
    async #load() {
        const reading = ++this.#readings;
        this.#arrivals.clear();
        /** @type {Game[]} */
        const games = [];
        /** @type {string | null} */
        let next = null;
        for (let page = 0; page === 0 || (page < this.#pages && next !== null); page += 1) {
            /** @type {import('../server.js').GamePage} */
            const found = await api.games({ ...this.options.query, after: next ?? '' }, this.signal);
            games.push(...found.games);
            next = found.next;
        }
        if (reading !== this.#readings) return;
        this.#loaded = true;
        this.#next = next;
        const arrivals = [...this.#arrivals].flatMap((id) => live.collection.get(id) ?? []);
        const current = [...games, ...arrivals.filter((game) => this.options.matches(game))];
        for (const id of [...this.#cards.keys()]) if (!current.some((game) => game.id === id)) this.#cards.delete(id);
        this.#take(current);
        this.element.removeAttribute('aria-busy');
    }

    async #showMore() {
        if (this.#more.getAttribute('aria-disabled') === 'true' || this.#next === null) return;
        this.#more.setAttribute('aria-disabled', 'true');
        try {
            const { games, next } = await api.games({ ...this.options.query, after: this.#next }, this.signal);
            this.#pages += 1;
            this.#next = next;
            this.#take(games);
            const first = games[0];
            if (first) this.#cards.get(first.id)?.focusTitle();
            announce(`${games.length} more games.`);
        } catch (error) {
            if (!this.signal.aborted) toast(`Couldn’t load more games: ${reasonOf(error)}`, { tone: 'trouble' });
        } finally {
            this.#more.setAttribute('aria-disabled', 'false');
        }
    }

    /** @param {Game[]} games */
    #take(games) {
        for (const game of games) {
            if (!this.#cards.has(game.id)) this.#cards.set(game.id, new TandemGameCard());
            live.collection.put(game);
        }
        this.#arrange();
    }

    /** @param {import('./live-games.js').GameChange} change */
    #changed({ key, current, pending }) {
        const card = this.#cards.get(key);
        if (current === undefined) {
            this.#cards.delete(key);
        } else if (card) {
            const moved = card.dataset.start !== current.scheduled_at;
            this.#show(card, current, pending);
            if (!moved) return;
        } else if (this.options.matches(current)) {
            this.#arrivals.add(key);
            if (!this.#loaded) return;
            const added = new TandemGameCard();
            added.classList.add('arrived');
            this.#cards.set(key, added);
            announce(`New game: ${current.title}.`);
        } else {
            return;
        }
        if (this.#loaded) this.#arrange();
    }

    /** @param {TandemGameCard} card @param {Game} game @param {boolean} pending */
    #show(card, game, pending) {
        card.dataset.start = game.scheduled_at;
        card.show(game, pending);
    }

    /** Updates the headings at midnight. */
    #tick() {
        if (this.#loaded && this.#arrangedOn !== today()) this.#arrange();
    }

    /** A card that moves keeps its focus. */
    #arrange() {
        const { activeElement } = document;
        const isOurs = activeElement instanceof HTMLElement && this.element.contains(activeElement);
        this.#arrangedOn = today();
        this.#arrangeByDay();
        if (isOurs && activeElement.isConnected && activeElement !== document.activeElement) {
            activeElement.focus({ preventScroll: true });
        }
    }

    #arrangeByDay() {
        const games = [...this.#cards.keys()].flatMap((id) => live.collection.get(id) ?? []);
        const direction = this.options.newestFirst ? -1 : 1;
        const start = (/** @type {Game} */ game) => Date.parse(game.scheduled_at);
        games.sort((a, b) => direction * (start(a) - start(b)) || a.id.localeCompare(b.id));
        if (games.length === 0) return arrange(this.element, [emptyState(this.options.empty)]);
        /** @type {Map<string, TandemGameCard[]>} */
        const byDay = new Map();
        for (const game of games) {
            const card = /** @type {TandemGameCard} */ (this.#cards.get(game.id));
            this.#show(card, game, live.collection.isPending(game.id));
            const heading = dayHeading(Date.parse(game.scheduled_at), client.clock.now());
            byDay.set(heading, [...(byDay.get(heading) ?? []), card]);
        }
        const days = [...byDay].map(([heading, cards]) => this.#day(heading, cards));
        arrange(this.element, this.#next ? [...days, this.#more] : days);
    }

    /** @param {string} heading @param {TandemGameCard[]} cards */
    #day(heading, cards) {
        const make = () => h('section', { class: 'day' }, h('h2', {}, heading), h('div', { class: 'cards' }));
        const section = this.#days.get(heading) ?? make();
        this.#days.set(heading, section);
        arrange(/** @type {Element} */ (section.lastElementChild), cards);
        return section;
    }
}
