import { fullTime } from '../time.js';

/**
 * The changes from one state of a game to the next, as sentences for the status region; empty if nothing relevant
 * changed.
 *
 * @param {import('../types.js').Game} before @param {import('../types.js').Game} after
 * @param {string} me @returns {string[]}
 */
export function describeChanges(before, after, me) {
    const sentences = [];
    if (before.status !== after.status) sentences.push(statusSentence[after.status]);
    const was = new Map(before.participants.map((each) => [each.user_id, each]));
    const is = new Map(after.participants.map((each) => [each.user_id, each]));
    for (const [id, person] of is) {
        const earlier = was.get(id);
        const name = id === me ? 'You' : person.display_name;
        if (!earlier) sentences.push(`${name} joined${person.state === 'waiting' ? ' the waiting list' : ''}.`);
        else if (earlier.state === person.state) continue;
        else if (person.state === 'confirmed') sentences.push(`${name} got a seat.`);
        else sentences.push(`${name} moved to the waiting list.`);
    }
    for (const [id, person] of was) {
        if (!is.has(id)) sentences.push(`${id === me ? 'You' : person.display_name} left.`);
    }
    const start = Date.parse(after.scheduled_at);
    if (Date.parse(before.scheduled_at) !== start) sentences.push(`It is now on ${fullTime(start)}.`);
    if (before.title !== after.title) sentences.push(`It is now called ${after.title}.`);
    if (before.where !== after.where && after.where) sentences.push(`It is now at ${after.where}.`);
    return sentences;
}

const statusSentence = {
    scheduled: 'It is open again.',
    in_progress: 'It has started.',
    completed: 'It is over.',
    cancelled: 'It was called off.',
};
