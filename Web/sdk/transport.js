import { SSEParser } from './sse-parser.js';

/**
 * What a transport tells its owner.
 *
 * @typedef {object} StreamHandlers
 * @property {(event: import('./sse-parser.js').StreamEvent) => void} event
 * @property {(failure: StreamFailure) => void} failed called at most once; the stream is over then
 *
 * @typedef {object} StreamFailure
 * @property {'network' | 'http'} reason
 * @property {number} [status] the HTTP status, where there was an answer
 * @property {number} [retryAfter] in milliseconds, where the server asked for it
 *
 * @typedef {object} StreamRequest
 * @property {string} url
 * @property {string | null} cursor
 * @property {(() => Promise<string | null> | string | null) | undefined} getToken
 *
 * @typedef {(request: StreamRequest, handlers: StreamHandlers) => {close: () => void}} OpenStream
 */

const names = ['ready', 'heartbeat', 'reset', 'bye', 'revoked', 'granted'];

/**
 * A stream by the browser's EventSource. It signs in with the session's cookie.
 *
 * An HTTP error ends an EventSource for good and hides the status; then one plain request for the same address finds
 * out what the server says. A broken connection is not left to the browser either, which would keep to itself when it
 * tries again: the owner opens a new stream, at the cursor it has.
 *
 * @type {OpenStream}
 */
export function openEventSource({ url, cursor }, { event, failed }) {
    const address = withCursor(url, cursor);
    const source = new EventSource(address);
    const probe = new AbortController();

    /** @param {MessageEvent} message */
    const forward = (message) => event({ type: message.type, id: message.lastEventId, data: String(message.data) });
    for (const name of ['message', ...names]) source.addEventListener(name, /** @type {EventListener} */ (forward));
    source.onerror = () => {
        const refused = source.readyState === EventSource.CLOSED;
        source.close();
        if (!refused) return failed({ reason: 'network' });
        ask(address, probe.signal).then((failure) => {
            if (!probe.signal.aborted) failed(failure);
        });
    };
    return {
        close() {
            source.close();
            probe.abort();
        },
    };
}

/**
 * A stream by `fetch`: for tokens, which an EventSource cannot send, and for places without EventSource.
 *
 * @type {OpenStream}
 */
export function openFetchStream({ url, cursor, getToken }, { event, failed }) {
    const abort = new AbortController();
    const read = async () => {
        /** @type {Record<string, string>} */
        const headers = { accept: 'text/event-stream' };
        if (cursor) headers['last-event-id'] = cursor;
        const token = await getToken?.();
        if (token) headers.authorization = `Bearer ${token}`;
        const response = await fetch(url, { headers, cache: 'no-store', signal: abort.signal });
        if (!response.ok || !response.body) return answerToFailure(response);
        const parser = new SSEParser();
        const decoder = new TextDecoder();
        const reader = response.body.getReader();
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return /** @type {StreamFailure} */ ({ reason: 'network' });
            for (const each of parser.push(decoder.decode(value, { stream: true }))) {
                if (!abort.signal.aborted) event(each);
            }
        }
    };
    read()
        .catch(() => /** @type {StreamFailure} */ ({ reason: 'network' }))
        .then((failure) => {
            if (!abort.signal.aborted) failed(failure);
        });
    return { close: () => abort.abort() };
}

/**
 * A transport that trusts a stream only once its greeting names this person: the browser may have signed in somebody
 * else meanwhile, in another tab. Such a stream ends as if signed out, and nobody sees anything of it.
 *
 * @param {string} person @param {OpenStream} open @returns {OpenStream}
 */
export function onlyFor(person, open) {
    return (request, { event, failed }) => {
        let isOver = false;
        const stream = open(request, {
            event: (each) => {
                if (isOver) return;
                if (each.type !== 'ready' || isFor(person, each.data)) return event(each);
                isOver = true;
                stream.close();
                failed({ reason: 'http', status: 401 });
            },
            failed: (failure) => {
                if (!isOver) failed(failure);
            },
        });
        return stream;
    };
}

/** @param {string} person @param {string} greeting */
function isFor(person, greeting) {
    try {
        const { principal = person } = JSON.parse(greeting);
        return principal === person;
    } catch {
        return true;
    }
}

/**
 * The address at which a stream goes on from a cursor.
 * @param {string} url @param {string | null} cursor
 */
export function withCursor(url, cursor) {
    if (!cursor) return url;
    const address = new URL(url);
    address.searchParams.set('cursor', cursor);
    return address.href;
}

/**
 * Why the server refuses a stream, found out by a plain request for it.
 * @param {string} url @param {AbortSignal} signal @returns {Promise<StreamFailure>}
 */
export async function ask(url, signal) {
    const abort = new AbortController();
    signal.addEventListener('abort', () => abort.abort());
    try {
        const response = await fetch(url, {
            headers: { accept: 'text/event-stream' },
            cache: 'no-store',
            signal: abort.signal,
        });
        return answerToFailure(response);
    } catch {
        return { reason: 'network' };
    } finally {
        abort.abort();
    }
}

/** @param {Response} response @returns {StreamFailure} */
function answerToFailure(response) {
    const seconds = Number(response.headers.get('retry-after'));
    return {
        reason: 'http',
        status: response.status,
        retryAfter: Number.isFinite(seconds) ? Math.min(seconds, 300) * 1000 : 0,
    };
}
