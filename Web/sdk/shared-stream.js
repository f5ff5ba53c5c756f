import { isBehind } from './cursor.js';
import { parseJSON } from './json.js';
import { RecentEvents } from './recent-events.js';

/**
 * @typedef {import('./sse-parser.js').StreamEvent} StreamEvent
 * @typedef {import('./transport.js').StreamFailure} StreamFailure
 *
 * Messages between tabs. `term` is the leader's: each new leader has a higher one.
 *
 * @typedef {{kind: 'hello', from: string, cursor: string | null}} Hello a tab wants to follow, from this position
 * @typedef {{kind: 'ping', from: string}} Ping asks whether there is a leader
 * @typedef {{kind: 'pong' | 'opening', from: string, term: number}} Pong there is; it is connected, or still connecting
 * @typedef {{kind: 'live', from: string, term: number}} Live the leader's stream is open: tabs send `hello`
 * @typedef {object} Welcome
 * @property {'welcome'} kind
 * @property {string} from
 * @property {number} term
 * @property {string} to
 * @property {string} greeting the data of the server's `ready`
 * @property {string | null} position from which events follow
 * @property {StreamEvent[] | null} missed null if the leader doesn't know what was missed
 * @typedef {{kind: 'event', from: string, term: number, event: StreamEvent}} Passed
 * @typedef {{kind: 'failed', from: string, term: number, failure: StreamFailure}} Failed
 * @typedef {Hello | Ping | Pong | Live | Welcome | Passed | Failed} TabMessage
 *
 * @typedef {{do: 'lock'} | {do: 'steal'} | {do: 'unlock', linger: boolean} | {do: 'open', cursor: string | null}
 *   | {do: 'close'} | {do: 'post', message: TabMessage} | {do: 'event', event: StreamEvent}
 *   | {do: 'failed', failure: StreamFailure}} TabAction
 * - `lock`: request the lock and wait; `steal`: take it from its holder; `unlock`: release it, or stop waiting for it. With
 *   `linger`, a moment later, so that every tab has received the reason before the next one gets the lock.
 * - `open`, `close`: the connection to the server.
 * - `post`: send to the other tabs.
 * - `event`, `failed`: report to this tab.
 *
 * @typedef {object} SharedStreamOptions
 * @property {string} id identifies this tab among the others
 * @property {string | null} cursor
 * @property {RecentEvents} [recent]
 * @property {() => number} [random] a number from 0 up to 1
 * @property {number} [silenceAfter] a leader that is silent for this long is pinged
 * @property {number} [answerWithin] a leader that doesn't answer within this time is replaced
 * @property {number} [openWithin]
 */

/**
 * One tab's part in a stream that all tabs of a browser share, as a state machine without tabs, locks or connections: events in,
 * actions out. After each input the caller sets its single timer to `deadline`.
 *
 * The tab that holds the lock leads: it has the connection and passes events on. All others follow. Each knows the position up to
 * which it has received everything, so the next leader continues from its own: the server sends what was missed, and every tab
 * drops duplicates. A leader that is closed or crashes loses the lock; one that is frozen doesn't answer, and the lock is stolen.
 */
export class SharedStream {
    /** @type {'waiting' | 'following' | 'leading' | 'over'} */
    role = 'waiting';
    /**
     * When to call `timerFired`, in milliseconds since 1970.
     * @type {number | null}
     */
    deadline = null;

    /** The highest term seen. */
    #term = 0;
    /** Whether this tab has received `ready`. */
    #greeted = false;
    /**
     * The data of the server's `ready`, while this tab leads and the stream is open.
     * @type {string | null}
     */
    #greeting = null;
    /** Whether an answer is awaited. */
    #asked = false;
    /** Whether the server ended the stream, or it broke. */
    #ended = false;

    /** @param {SharedStreamOptions} options */
    constructor(options) {
        const { id, cursor, recent = new RecentEvents(), random = Math.random } = options;
        const { silenceAfter = 10_000, answerWithin = 3000, openWithin = 15_000 } = options;
        this.id = id;
        this.recent = recent;
        this.random = random;
        this.silenceAfter = silenceAfter;
        this.answerWithin = answerWithin;
        this.openWithin = openWithin;
        if (recent.position !== cursor) recent.begin(cursor);
    }

    /** The position up to which this tab has received everything. */
    get position() {
        return this.recent.position;
    }

    /** @param {number} now @returns {TabAction[]} */
    start(now) {
        this.#ask(now);
        return [{ do: 'lock' }, this.#hello()];
    }

    /** @param {number} now @returns {TabAction[]} */
    lockGranted(now) {
        if (this.role === 'over') return [{ do: 'unlock', linger: false }];
        this.role = 'leading';
        this.#greeting = null;
        this.#term = Math.max(now, this.#term + 1);
        this.deadline = now + this.openWithin;
        return [this.#post({ kind: 'opening', from: this.id, term: this.#term }), { do: 'open', cursor: this.position }];
    }

    /**
     * Another tab has stolen the lock.
     * @param {number} now @returns {TabAction[]}
     */
    lockLost(now) {
        if (this.role !== 'leading') return [];
        this.role = 'waiting';
        this.#greeting = null;
        return [{ do: 'close' }, ...this.start(now)];
    }

    /**
     * An event has arrived over the connection to the server.
     * @param {StreamEvent} event @returns {TabAction[]}
     */
    streamReceived(event) {
        if (this.role !== 'leading') return [];
        if (event.type === 'ready') return this.#connected(event);
        if (event.type === 'bye') this.#ended = true;
        const kept = this.#take(event);
        if (kept.length === 0) return [];
        return [this.#post({ kind: 'event', from: this.id, term: this.#term, event }), ...kept];
    }

    /**
     * The connection to the server could not be opened, or broke.
     * @param {StreamFailure} failure @returns {TabAction[]}
     */
    streamFailed(failure) {
        if (this.role !== 'leading') return [];
        this.#ended = true;
        const report = this.#post({ kind: 'failed', from: this.id, term: this.#term, failure });
        return [report, ...this.close(), { do: 'failed', failure }];
    }

    /** @param {TabMessage} message @param {number} now @returns {TabAction[]} */
    received(message, now) {
        if (this.role === 'over' || message.from === this.id) return [];
        if (message.kind === 'failed' && message.failure.status === 401) return this.#over(message.failure);
        if (message.kind === 'hello' || message.kind === 'ping') return this.#answer(message);
        if (this.role === 'leading' || message.term < this.#term) return [];
        const isNew = message.term > this.#term;
        if (isNew) this.role = 'waiting';
        this.#term = message.term;
        this.#leaderAnswered(now);
        switch (message.kind) {
            case 'failed':
                return this.#over(message.failure);
            case 'live':
                this.#ask(now);
                return [this.#hello()];
            case 'welcome':
                return message.to === this.id ? this.#welcomed(message, now) : [];
            case 'event':
                if (this.role === 'following') return this.#take(message.event);
                // The leader's `live` may have been sent before this tab was listening.
                if (!isNew) return [];
                this.#ask(now);
                return [this.#hello()];
            default:
                return [];
        }
    }

    /** @param {number} now @returns {TabAction[]} */
    timerFired(now) {
        if (this.deadline === null || now < this.deadline) return [];
        if (this.role === 'leading') {
            this.deadline = null;
            return this.#greeting === null ? this.streamFailed({ reason: 'network' }) : [];
        }
        const unanswered = this.#asked;
        this.#ask(now);
        if (!unanswered) return [this.#post({ kind: 'ping', from: this.id })];
        return [{ do: 'steal' }];
    }

    /**
     * This tab no longer needs the stream.
     * @returns {TabAction[]}
     */
    close() {
        const wasLeading = this.role === 'leading';
        this.role = 'over';
        this.deadline = null;
        /** @type {TabAction[]} */
        const actions = wasLeading ? [{ do: 'close' }] : [];
        return [...actions, { do: 'unlock', linger: wasLeading && this.#ended }];
    }

    /**
     * The leader's stream is open.
     * @param {StreamEvent} event @returns {TabAction[]}
     */
    #connected(event) {
        const goesOn = this.position !== null && (parseJSON(event.data)?.resumed === true || event.id === this.position);
        if (!goesOn) this.recent.begin(event.id || null);
        this.#greeting = event.data;
        this.deadline = null;
        const live = this.#post({ kind: 'live', from: this.id, term: this.#term });
        return [live, { do: 'event', event: this.#greet(event) }];
    }

    /** @param {Hello | Ping} message @returns {TabAction[]} */
    #answer(message) {
        if (this.role !== 'leading') return [];
        const from = this.id;
        const term = this.#term;
        if (this.#greeting === null) return [this.#post({ kind: 'opening', from, term })];
        if (message.kind === 'ping') return [this.#post({ kind: 'pong', from, term })];
        const missed = this.recent.after(message.cursor);
        const { position } = this;
        const greeting = this.#greeting;
        return [this.#post({ kind: 'welcome', from, term, to: message.from, greeting, position, missed })];
    }

    /** @param {Welcome} welcome @param {number} now @returns {TabAction[]} */
    #welcomed({ greeting, position, missed }, now) {
        if (missed === null && this.position !== null) {
            // The leader doesn't know what this tab missed, but the server may: this tab takes the lead, from its own position.
            this.#ask(now);
            return [{ do: 'steal' }];
        }
        this.role = 'following';
        if (missed === null) this.recent.begin(position);
        const id = this.position ?? '';
        const data = JSON.stringify({ ...parseJSON(greeting), cursor: id, resumed: missed !== null });
        /** @type {TabAction[]} */
        const actions = [{ do: 'event', event: this.#greet({ type: 'ready', id, data }) }];
        for (const event of missed ?? []) actions.push(...this.#take(event));
        return actions;
    }

    /**
     * The event that reports the connection to this tab: `ready` the first time. Under another leader it merely continues, which
     * counts as a heartbeat; if it can't continue, `reset` follows.
     * @param {StreamEvent} ready @returns {StreamEvent}
     */
    #greet(ready) {
        if (this.#greeted) return { type: 'heartbeat', id: this.position ?? '', data: '{}' };
        this.#greeted = true;
        return ready;
    }

    /**
     * Passes an event to this tab, unless it is a duplicate.
     * @param {StreamEvent} event @returns {TabAction[]}
     */
    #take(event) {
        const { type, id } = event;
        if (type === 'message' && isBehind(id, this.position)) return [];
        if (type === 'reset') this.recent.begin(id || null);
        else if (type === 'message' && id) this.recent.add(event);
        else if (type === 'heartbeat' && id && !isBehind(id, this.position)) this.recent.position = id;
        return [{ do: 'event', event }];
    }

    /** @param {StreamFailure} failure @returns {TabAction[]} */
    #over(failure) {
        return [...this.close(), { do: 'failed', failure }];
    }

    /** @returns {TabAction} */
    #hello() {
        return this.#post({ kind: 'hello', from: this.id, cursor: this.position });
    }

    /** @param {TabMessage} message @returns {TabAction} */
    #post(message) {
        return { do: 'post', message };
    }

    /**
     * Waits for an answer, each tab for a different time, or all would steal the lock at once.
     * @param {number} now
     */
    #ask(now) {
        this.#asked = true;
        this.deadline = now + this.answerWithin * (1 + this.random() / 2);
    }

    /** @param {number} now */
    #leaderAnswered(now) {
        this.#asked = false;
        this.deadline = now + this.silenceAfter * (1 + this.random() / 2);
    }
}
