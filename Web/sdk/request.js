import { parseJSON } from './json.js';

/** @typedef {{field: string, message: string}} FieldFault */

/**
 * A request that the server rejected, or that never reached it.
 *
 * `status` is 0 and `code` is `unreachable` or `timed_out` when there was no response. Otherwise `code` is the server's
 * stable code and `message` its sentence for the user.
 */
export class RequestError extends Error {
    /**
     * @param {number} status @param {string} code @param {string} message
     * @param {{retryAfter?: number, fields?: FieldFault[], cause?: unknown}} [more] `retryAfter` in milliseconds
     */
    constructor(status, code, message, more = {}) {
        super(message, { cause: more.cause });
        this.name = 'RequestError';
        this.status = status;
        this.code = code;
        this.retryAfter = more.retryAfter ?? 0;
        /** The invalid fields of the body, if the server names them. */
        this.fields = more.fields ?? [];
    }

    /** Whether the same request may succeed a little later. */
    get isTransient() {
        return [0, 408, 425, 429, 502, 503, 504].includes(this.status);
    }
}

/**
 * @typedef {object} RequestOptions
 * @property {string} [method]
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {number} [timeout] in milliseconds
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {any} body the JSON of the response, or null
 * @property {{date: string | null, sentAt: number, receivedAt: number}} timing
 */

/**
 * Sends one JSON request. Throws a `RequestError`, or the signal's reason when the caller aborted it.
 * @param {string} url @param {RequestOptions} options @returns {Promise<Answer>}
 */
export async function requestJSON(url, { method = 'GET', body, headers = {}, signal, timeout = 15_000 } = {}) {
    const abort = new AbortController();
    const giveUp = () => abort.abort(signal?.reason);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    const tooLate = new RequestError(0, 'timed_out', 'The server took too long to answer.');
    const timer = setTimeout(() => abort.abort(tooLate), timeout);
    const type = { 'content-type': 'application/json' };
    const json = body === undefined ? {} : { headers: type, body: JSON.stringify(body) };
    const sentAt = Date.now();
    try {
        const response = await fetch(url, {
            method,
            headers: { accept: 'application/json', ...json.headers, ...headers },
            body: json.body,
            signal: abort.signal,
            cache: 'no-store',
        });
        const receivedAt = Date.now();
        const answer = await readJSON(response);
        if (!response.ok) throw refusal(response, answer);
        const timing = { date: response.headers.get('date'), sentAt, receivedAt };
        return { status: response.status, body: answer, timing };
    } catch (error) {
        if (abort.signal.aborted) throw abort.signal.reason;
        if (error instanceof RequestError) throw error;
        throw new RequestError(0, 'unreachable', 'The server can’t be reached right now.', { cause: error });
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
    }
}

/** @param {Response} response */
async function readJSON(response) {
    if (!(response.headers.get('content-type') ?? '').includes('json')) return null;
    return parseJSON(await response.text());
}

/** @param {Response} response @param {any} json */
function refusal(response, json) {
    const { code = `http_${response.status}`, message = 'Something went wrong on the server.' } = json?.error ?? {};
    const fields = json?.error?.fields;
    const seconds = Number(response.headers.get('retry-after'));
    return new RequestError(response.status, String(code), String(message), {
        retryAfter: Number.isFinite(seconds) ? seconds * 1000 : 0,
        fields: Array.isArray(fields) ? fields : [],
    });
}
