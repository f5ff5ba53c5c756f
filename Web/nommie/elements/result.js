import { button, h } from '../../shared/dom.js';
import { counted, listed } from '../words.js';

/** @typedef {import('../types.js').TableView} TableView */
/** @typedef {import('../types.js').Player} Player */

/**
 * The result of a round, or of the whole game. Emits `nommie-continue` when the viewer has read it.
 */
export class NommieResult extends HTMLElement {
    /** @param {TableView} view @param {Player[]} players */
    show(view, players) {
        const last = view.history.at(-1);
        if (!last) return this.clear();
        const isOver = view.phase === 'COMPLETED';
        const lines = players.map(({ name }, seat) => {
            const [bid, won, points] = [last.bids[seat] ?? 0, last.tricks[seat] ?? 0, last.points[seat] ?? 0];
            return h('li', { class: bid === won ? 'met' : null },
                h('strong', {}, name), h('span', {}, `${won} of ${bid}`),
                h('span', { class: 'points' }, `+${points}`), h('span', { class: 'total' }, String(view.scores[seat] ?? 0)));
        });
        this.replaceChildren(
            h('h2', { tabindex: -1 }, isOver ? verdict(view, players) : `Round ${last.round}: ${roundWords(view, last)}`),
            h('ul', { class: 'result-lines' }, lines),
            button(isOver ? 'New game' : `Deal round ${view.round}`, () => this.#go(isOver), { class: 'button primary big' }));
        this.hidden = false;
    }

    clear() {
        this.hidden = true;
        this.replaceChildren();
    }

    focusButton() {
        this.querySelector('button')?.focus();
    }

    /** @param {boolean} isOver */
    #go(isOver) {
        this.dispatchEvent(new CustomEvent('nommie-continue', { bubbles: true, detail: { isOver } }));
    }
}

/** @param {TableView} view @param {import('../types.js').ScoredRound} last */
function roundWords(view, last) {
    const seat = view.viewer_seat;
    if (seat === null) return 'scored';
    const [bid, won] = [last.bids[seat] ?? 0, last.tricks[seat] ?? 0];
    return bid === won ? `you made your bid of ${bid}` : `you bid ${bid} and took ${won}`;
}

/** @param {TableView} view @param {Player[]} players */
function verdict(view, players) {
    const best = Math.max(...view.scores);
    const winners = players.filter((_, seat) => view.scores[seat] === best);
    const isMine = view.viewer_seat !== null && view.scores[view.viewer_seat] === best;
    const names = listed(winners.map(({ name }) => name));
    if (winners.length > 1) return `${names} share the game with ${counted(best, 'point')}`;
    return isMine ? `You win with ${counted(best, 'point')}` : `${names} wins with ${counted(best, 'point')}`;
}

customElements.define('nommie-result', NommieResult);
