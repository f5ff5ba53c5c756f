import { cardName, counted, does, listed, trumpName } from './words.js';

/** @typedef {import('./types.js').TableView} TableView */
/** @typedef {import('./types.js').Player} Player */

/**
 * An event as a sentence.
 * @param {import('./bytes.js').GameEvent} event
 * @param {TableView} view after the event
 * @param {Player[]} players
 */
export function sentenceFor(event, view, players) {
    const says = (/** @type {number} */ seat, /** @type {string} */ verb) =>
        does(players[seat]?.name ?? '', seat === view.viewer_seat, verb);
    switch (event.type) {
        case 'bid_made':
            return `${says(event.seat, 'bid')} ${event.bid}.`;
        case 'trump_chosen':
            return `${says(event.seat, 'choose')} ${trumpName(event.trump)}.`;
        case 'card_played':
            return `${says(event.seat, 'play')} the ${cardName(event.card)}.`;
        case 'trick_won':
            return `${says(event.seat, 'take')} the trick.`;
        case 'round_scored':
            return scored(view, event.round, players);
        case 'dealt':
            return `Round ${event.round}: ${counted(view.hand_size, 'card')} each, ${says(view.dealer, 'deal')}.`;
        case 'completed':
            return `The game is over. ${listed(event.winners.map((seat) => players[seat]?.name ?? ''))} ${event.winners.length > 1 ? 'share it' : event.winners[0] === view.viewer_seat ? 'win' : 'wins'}.`;
    }
}

/** @param {TableView} view @param {number} round @param {Player[]} players */
function scored(view, round, players) {
    const score = view.history[round - 1];
    if (!score) return '';
    const points = players.map(({ name }, seat) => `${name} ${score.points[seat] ?? 0}`);
    return `Round ${round} is over: ${points.join(', ')} points.`;
}

/**
 * What the viewer should know now: the decision expected of them, or whose turn it is.
 * @param {TableView} view @param {Player[]} players
 */
export function asked(view, players) {
    if (view.phase === 'COMPLETED' || view.to_act === null) return 'The game is over.';
    const who = players[view.to_act]?.name ?? '';
    const isMine = view.to_act === view.viewer_seat;
    if (view.phase === 'BIDDING') return isMine ? 'Your turn to bid.' : `${who} is to bid.`;
    if (view.phase === 'TRUMP_SELECTION') return isMine ? 'You choose the trump suit.' : `${who} chooses the trump suit.`;
    if (!isMine) return `${who} is to play.`;
    const led = view.trick[0];
    return led ? `Your turn: the ${cardName(led.card)} was led.` : 'Your turn to lead.';
}
