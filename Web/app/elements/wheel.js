import { svg } from '../../shared/dom.js';

const radius = 30;
/** With more seats than this, one arc is drawn. */
const mostSpokes = 16;

/** The seats of a game as a wheel: a segment per seat, lit when taken, with the user's own in another colour. */
export class TandemWheel extends HTMLElement {
    /** What is drawn, so that nothing is redrawn needlessly. */
    #drawn = '';

    /** @param {import('../games/seats.js').Seats} seats */
    show({ confirmed, total, mine, waiting }) {
        const taken = confirmed.length;
        const key = `${taken}/${total}/${mine}`;
        const label = `${taken} of ${total} seats taken${waiting.length > 0 ? `, ${waiting.length} waiting` : ''}`;
        this.setAttribute('role', 'img');
        if (this.getAttribute('aria-label') !== label) this.setAttribute('aria-label', label);
        if (key === this.#drawn) return;
        const changed = this.#drawn !== '';
        this.#drawn = key;
        const middle = { x: 38, y: 38, 'text-anchor': 'middle', 'dominant-baseline': 'central' };
        const marks = total <= mostSpokes ? spokes(taken, total, mine === 'confirmed') : [arc(taken / total)];
        this.replaceChildren(
            svg('svg', { viewBox: '0 0 76 76', 'aria-hidden': 'true' },
                svg('circle', { class: 'hub', cx: 38, cy: 38, r: 23 }),
                svg('g', { class: 'rim' }, ...marks),
                svg('text', { ...middle, class: total > 9 ? 'small' : null }, `${taken}/${total}`)),
        );
        this.classList.toggle('full', taken >= total);
        if (changed) this.#pulse();
    }

    #pulse() {
        this.classList.remove('pulse');
        requestAnimationFrame(() => this.classList.add('pulse'));
    }
}

/** @param {number} taken @param {number} total @param {boolean} mine */
function spokes(taken, total, mine) {
    const gap = total === 1 ? 0 : Math.min(0.22, 0.02 * total + 0.06);
    return Array.from({ length: total }, (_, index) =>
        svg('circle', {
            class: index >= taken ? 'seat' : mine && index === taken - 1 ? 'seat lit mine' : 'seat lit',
            cx: 38, cy: 38, r: radius, pathLength: total,
            'stroke-dasharray': `${1 - gap} ${total - 1 + gap}`,
            'stroke-dashoffset': -(index + gap / 2),
            transform: 'rotate(-90 38 38)',
        }));
}

/** @param {number} share */
function arc(share) {
    return svg('g', {},
        svg('circle', { class: 'seat', cx: 38, cy: 38, r: radius }),
        svg('circle', {
            class: 'seat lit', cx: 38, cy: 38, r: radius, pathLength: 100,
            'stroke-dasharray': `${share * 100} 100`, transform: 'rotate(-90 38 38)',
        }));
}

customElements.define('tandem-wheel', TandemWheel);
