import { ask, withCursor } from './transport.js';

/**
 * A stream over a WebSocket. It signs in with the session's cookie.
 *
 * A browser doesn't tell why a WebSocket was refused; then one plain request for the same address finds out what the
 * server says. Close codes need no reading: before the server closes it says `bye`, why, and when to come back.
 *
 * @type {import('./transport.js').OpenStream}
 */
export function openWebSocket({ url, cursor }, { event, failed }) {
    const address = withCursor(url, cursor);
    const socket = new WebSocket(address.replace(/^http/, 'ws'));
    const probe = new AbortController();
    let isOver = false;
    let wasOpen = false;
    let id = '';

    socket.onopen = () => {
        wasOpen = true;
    };
    socket.onmessage = ({ data }) => {
        const message = isOver ? null : read(data);
        if (!message) return;
        // As on an event stream: what has no position of its own leaves the last one standing.
        id = message.id ?? id;
        event({ type: message.event, id, data: JSON.stringify(message.payload ?? null) });
    };
    socket.onclose = async () => {
        if (isOver) return;
        const failure = wasOpen ? /** @type {const} */ ({ reason: 'network' }) : await ask(address, probe.signal);
        if (isOver) return;
        isOver = true;
        failed(failure);
    };
    return {
        close() {
            isOver = true;
            probe.abort();
            socket.close();
        },
    };
}

/**
 * @typedef {object} Envelope
 * @property {1} v
 * @property {'event'} type
 * @property {string} event `message` for what happened, else what the server says about the stream
 * @property {string} [id] the position after this
 * @property {any} payload
 * @property {number} ts milliseconds since 1970
 */

/**
 * Later versions may send what this one doesn't know: that is passed over.
 * @param {unknown} text @returns {Envelope | null}
 */
function read(text) {
    try {
        const message = JSON.parse(String(text));
        return message?.v === 1 && message.type === 'event' && typeof message.event === 'string' ? message : null;
    } catch {
        return null;
    }
}
