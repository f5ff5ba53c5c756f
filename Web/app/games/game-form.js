import { h, icon, setText } from '../../shared/dom.js';
import { fromInputs, durationText, timeOfDay, toInputs, zoneName } from '../time.js';

/**
 * @typedef {import('../types.js').GameDraft} GameDraft
 * @typedef {'guild_id' | 'channel_id' | import('./merge.js').Field} FieldName
 */

const durations = [30, 60, 90, 120, 150, 180, 240, 300, 360, 480];

/**
 * A line of help under the field of this name.
 * @param {FieldName} name @param {string} [text]
 */
export function hint(name, text = '') {
    return h('p', { class: 'hint', id: `${name}-hint` }, text);
}

/** The inputs of a game with labels and errors, and their values as a draft. */
export class GameForm {
    title = h('input', { id: 'title', name: 'title', required: true, maxlength: 200, autocomplete: 'off', dir: 'auto' });
    description = h('textarea', { id: 'description', name: 'description', rows: 5, maxlength: 2000, dir: 'auto' });
    where = h('input', { id: 'where', name: 'where', maxlength: 500, autocomplete: 'off', dir: 'auto' });
    date = h('input', { id: 'scheduled_at', name: 'date', type: 'date', required: true });
    time = h('input', { id: 'time', name: 'time', type: 'time', required: true, 'aria-label': 'Time' });
    duration = h('select', { id: 'duration_minutes', name: 'duration' });
    players = h('input', {
        id: 'max_players', name: 'max_players', type: 'number', inputmode: 'numeric', min: 1, max: 100, required: true,
    });
    zone = hint('scheduled_at');
    submit = h('button', { type: 'submit', class: 'button primary big' });
    summary = h('div', { class: 'notice trouble', role: 'alert', hidden: true });
    /** Where a page adds what goes above the inputs: the place, or a conflict. */
    top = h('div', { class: 'form-top' });

    /** @type {Map<FieldName, {input: HTMLElement, fault: HTMLElement}>} */
    #fields = new Map();
    /**
     * The draft that the inputs were last filled with, and their values then. An input can't hold everything: not the
     * seconds of a time, nor which of two identical hours is meant when the clocks go back.
     * @type {{draft: GameDraft, inputs: Record<string, string>} | null}
     */
    #filled = null;

    /** @param {{label: string, onSubmit: () => void}} options */
    constructor({ label, onSubmit }) {
        this.submit.textContent = label;
        this.element = h('form', { class: 'game-form', novalidate: true, onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            if (this.submit.getAttribute('aria-disabled') !== 'true') onSubmit();
        } },
            this.summary,
            this.top,
            this.field('title', 'Title', this.title),
            h('div', { class: 'row' },
                this.field('scheduled_at', 'Date and time', this.date, [this.time], this.zone),
                this.field('duration_minutes', 'Duration', this.duration)),
            h('div', { class: 'row' },
                this.field('where', 'Where', this.where, [], hint('where', 'A voice channel, an address, a link.')),
                this.field('max_players', 'Seats', this.players)),
            this.field('description', 'Description', this.description, [],
                hint('description', 'What you play, what to bring, who is welcome.')),
            h('div', { class: 'actions' }, this.submit));
        this.element.addEventListener('input', (event) => {
            this.#describeZone();
            const name = /** @type {HTMLElement} */ (event.target).closest('.field')?.getAttribute('data-field');
            if (name) this.#setFault(/** @type {FieldName} */ (name), '');
        });
    }

    /**
     * A labelled input with room for its error.
     * @param {FieldName} name @param {string} label @param {HTMLElement} input
     * @param {HTMLElement[]} [more] further inputs that belong to it @param {HTMLElement} [help]
     */
    field(name, label, input, more = [], help) {
        const fault = h('p', { class: 'fault', id: `${name}-fault` });
        this.#fields.set(name, { input, fault });
        input.setAttribute('aria-describedby', [help?.id, fault.id].filter(Boolean).join(' '));
        return h('div', { class: 'field', 'data-field': name },
            h('label', { for: input.id }, label),
            more.length > 0 ? h('div', { class: 'together' }, input, ...more) : input,
            help, fault);
    }

    /** @param {GameDraft} draft */
    fill(draft) {
        const { date, time } = toInputs(Date.parse(draft.scheduled_at));
        const choices = [...new Set([...durations, draft.duration_minutes])].sort((a, b) => a - b);
        this.title.value = draft.title;
        this.description.value = draft.description;
        this.where.value = draft.where;
        this.date.value = date;
        this.time.value = time;
        const options = choices.map((minutes) => h('option', { value: minutes }, durationText(minutes)));
        this.duration.replaceChildren(...options);
        this.duration.value = String(draft.duration_minutes);
        this.players.value = String(draft.max_players);
        this.#filled = { draft, inputs: this.#inputs() };
        this.#describeZone();
    }

    #inputs() {
        return {
            title: this.title.value,
            description: this.description.value,
            where: this.where.value,
            scheduled_at: `${this.date.value} ${this.time.value}`,
        };
    }

    /**
     * The values of the inputs, or the original values of those that weren't touched. Invalid values are empty or 0 and
     * rejected by `faults`.
     * @returns {GameDraft}
     */
    read() {
        const moment = fromInputs(this.date.value, this.time.value);
        /** @type {GameDraft} */
        const draft = {
            title: this.title.value.trim(),
            description: this.description.value.trim(),
            where: this.where.value.trim(),
            scheduled_at: moment === null ? '' : new Date(moment).toISOString(),
            duration_minutes: Number(this.duration.value),
            max_players: Number(this.players.value),
        };
        if (!this.#filled) return draft;
        const before = this.#filled;
        const untouched = Object.entries(this.#inputs()).filter(([name, value]) => value === before.inputs[name]);
        for (const [name] of untouched) Object.assign(draft, { [name]: before.draft[/** @type {keyof GameDraft} */ (name)] });
        return draft;
    }

    /**
     * The errors that can be found without asking the server.
     * @param {GameDraft} draft @returns {[FieldName, string][]}
     */
    faults(draft) {
        /** @type {[FieldName, string][]} */
        const faults = [];
        if (draft.title === '') faults.push(['title', 'Give it a title.']);
        if (draft.scheduled_at === '') faults.push(['scheduled_at', 'Choose a date and a time.']);
        const { max_players: seats } = draft;
        if (!Number.isInteger(seats) || seats < 1 || seats > 100) faults.push(['max_players', 'Between 1 and 100 seats.']);
        return faults;
    }

    /** @param {[FieldName, string][]} faults @param {string} [summary] shown above the form */
    showFaults(faults, summary = '') {
        const texts = new Map(faults);
        for (const name of this.#fields.keys()) this.#setFault(name, texts.get(name) ?? '');
        this.summary.hidden = summary === '';
        if (summary) this.summary.replaceChildren(icon('alert'), h('p', {}, summary));
        const first = faults[0] && this.#fields.get(faults[0][0]);
        if (first) first.input.focus();
        else if (summary) this.summary.scrollIntoView({ block: 'nearest' });
    }

    /**
     * Whether this form has the field that the server rejected.
     * @param {string} name @returns {name is FieldName}
     */
    has(name) {
        return this.#fields.has(/** @type {FieldName} */ (name));
    }

    /** @param {boolean} busy @param {string} label */
    setBusy(busy, label) {
        this.submit.setAttribute('aria-disabled', String(busy));
        setText(this.submit, label);
    }

    /** @param {FieldName} name @param {string} text */
    #setFault(name, text) {
        const field = this.#fields.get(name);
        if (!field) return;
        setText(field.fault, text);
        if (text) field.input.setAttribute('aria-invalid', 'true');
        else field.input.removeAttribute('aria-invalid');
    }

    #describeZone() {
        const moment = Date.parse(this.read().scheduled_at) || null;
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        const read = moment === null ? '' : `${timeOfDay(moment)} ${zoneName(moment)}, `;
        setText(this.zone, `${read}your time zone (${zone}). Everyone sees it in their own.`);
    }
}
