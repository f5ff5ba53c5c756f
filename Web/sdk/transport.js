import { parseJSON } from './json.js';
import { SSEParser } from './sse-parser.js';

/**
 * The callbacks of a transport.
 *
 * @typedef {object} StreamHandlers
 * @property {(event: import('./sse-parser.js').StreamEvent) => void} event
 * @property {(failure: StreamFailure) => void} failed called at most once; the stream has then ended
 *
 * @typedef {object} StreamFailure
 * @property {'network' | 'http'} reason
 * @property {number} [status] the HTTP status, if there was a response
 * @property {number} [retryAfter] in milliseconds, if the server requested it
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
 * A stream over the browser's EventSource, authenticated by the session's cookie.
 *
 * An HTTP error ends an EventSource permanently and hides the status, so the stream is requested again over `fetch`, which reveals
 * it; if the server admits this request, its response is the stream. A
 * broken connection isn't left to the browser either, which wouldn't reveal when it retries: the caller opens a new stream at
 * its own cursor.
 *
 * @type {OpenStream}
 */
export function openEventSource({ url, cursor }, { event, failed }) {
    const source = new EventSource(withCursor(url, cursor));
    /** @type {{close: () => void}} */
    let stream = source;

    /** @param {MessageEvent} message */
    const forward = (message) => event({ type: message.type, id: message.lastEventId, data: String(message.data) });
    for (const name of ['message', ...names]) source.addEventListener(name, /** @type {EventListener} */ (forward));
    source.onerror = () => {
        const refused = source.readyState === EventSource.CLOSED;
        source.close();
        if (!refused) return failed({ reason: 'network' });
        stream = openFetchStream({ url, cursor, getToken: undefined }, { event, failed });
    };
    return { close: () => stream.close() };
}

/**
 * A stream over `fetch`: for tokens, which an EventSource can't send, and for environments without EventSource.
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
 * A transport that accepts a stream only once its greeting names this person: another user may have signed in from another tab in
 * the meantime. Such a stream ends as if signed out, before any of it is delivered.
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
    return (parseJSON(greeting)?.principal ?? person) === person;
}

/**
 * The address from which a stream resumes at a cursor.
 * @param {string} url @param {string | null} cursor
 */
export function withCursor(url, cursor) {
    if (!cursor) return url;
    const address = new URL(url);
    address.searchParams.set('cursor', cursor);
    return address.href;
}

/**
 * Finds out why the server rejects a stream, by a plain request for it.
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
