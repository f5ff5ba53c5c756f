/**
 * @typedef {object} StreamEvent
 * @property {string} type `message` if the stream names none
 * @property {string} id the last id that the stream has set
 * @property {string} data
 */

/** Parses an event stream in chunks, following the HTML standard (section 9.2.6). */
export class SSEParser {
    #rest = '';
    #afterCarriageReturn = false;
    #atStart = true;
    #data = '';
    #hasData = false;
    #type = '';
    #id = '';

    /** @param {string} text @returns {StreamEvent[]} the events that this chunk completes */
    push(text) {
        if (text === '') return [];
        if (this.#atStart) {
            this.#atStart = false;
            if (text.startsWith('\uFEFF')) text = text.slice(1);
        }
        if (this.#afterCarriageReturn && text.startsWith('\n')) text = text.slice(1);
        this.#afterCarriageReturn = text.endsWith('\r');
        const lines = (this.#rest + text).split(/\r\n|\r|\n/);
        this.#rest = lines.pop() ?? '';
        /** @type {StreamEvent[]} */
        const events = [];
        for (const line of lines) {
            if (line !== '') this.#field(line);
            else if (this.#hasData) events.push(this.#take());
            else this.#type = '';
        }
        return events;
    }

    /** @param {string} line */
    #field(line) {
        const colon = line.indexOf(':');
        if (colon === 0) return;
        const name = colon < 0 ? line : line.slice(0, colon);
        let value = colon < 0 ? '' : line.slice(colon + 1);
        if (value.startsWith(' ')) value = value.slice(1);
        if (name === 'event') this.#type = value;
        else if (name === 'id' && !value.includes('\0')) this.#id = value;
        else if (name === 'data') {
            this.#data += this.#hasData ? `\n${value}` : value;
            this.#hasData = true;
        }
    }

    /** @returns {StreamEvent} */
    #take() {
        const event = { type: this.#type || 'message', id: this.#id, data: this.#data };
        this.#data = '';
        this.#hasData = false;
        this.#type = '';
        return event;
    }
}
