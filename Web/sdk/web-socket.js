import { parseJSON } from './json.js';
import { ask, withCursor } from './transport.js';

/**
 * A stream over a WebSocket, authenticated by the session's cookie.
 *
 * A browser doesn't reveal why a WebSocket was rejected, so a plain request for the same address finds it out. Close codes
 * needn't be read: before the server closes the socket it sends `bye` with the reason and when to come back.
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
        // As on an event stream: a message without an id keeps the last one.
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
 * @property {string} event `message` for an event of a topic, otherwise the name of a message about the stream
 * @property {string} [id] the position after this event
 * @property {any} payload
 * @property {number} ts milliseconds since 1970
 */

/**
 * Later versions may send messages that this one doesn't know: they are ignored.
 * @param {unknown} text @returns {Envelope | null}
 */
function read(text) {
    const message = parseJSON(String(text));
    return message?.v === 1 && message.type === 'event' && typeof message.event === 'string' ? message : null;
}
