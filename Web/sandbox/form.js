// <chat-form>: the dialog for a form ("modal") that an application asks the user to fill in.
import { h } from '../shared/dom.js';
import { fill } from './fill.js';

/** @typedef {import('./types').Component} Component */

export class ChatForm extends HTMLElement {
    dialog = h('dialog', { 'aria-labelledby': 'form-title' });
    /** Whether the form is being sent: pressing twice sends it once. */
    isSending = false;

    /** @param {import('./store.js').Store} store */
    constructor(store) {
        super();
        this.store = store;
    }

    connectedCallback() {
        this.append(this.dialog);
    }

    /**
     * @param {string} interactionId
     * @param {import('./types').Form} form
     */
    ask(interactionId, form) {
        const inputs = form.components.flatMap((top) => {
            if (top.component) return [{ ...top.component, label: top.label }];
            return top.components ?? [];
        });
        const status = h('p', { class: 'trouble', role: 'alert' });
        const body = h('form', { method: 'dialog', onsubmit: (/** @type {SubmitEvent} */ event) => this.send(event, interactionId, status) },
            h('h2', { id: 'form-title' }, form.title), ...inputs.map((input) => this.field(input)), status,
            h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button primary' }, 'Submit'),
                h('button', { type: 'button', class: 'button secondary', onclick: () => this.dialog.close() }, 'Cancel')));
        fill(this.dialog, [body]);
        if (!this.dialog.open) this.dialog.showModal();
    }

    /** @param {Component} input */
    field(input) {
        const id = `form-${input.custom_id}`;
        const shared = { id, name: input.custom_id, required: input.required, placeholder: input.placeholder };
        /** @type {HTMLElement} */
        let control;
        if (input.type === 3) {
            control = h('select', shared, ...(input.options ?? []).map((o) => h('option', { value: o.value, selected: o.default }, o.label)));
        } else if (input.style === 2) {
            control = h('textarea', { ...shared, rows: 4, minlength: input.min_length, maxlength: input.max_length ?? 4000 }, input.value);
        } else {
            control = h('input', { ...shared, type: 'text', value: input.value, minlength: input.min_length, maxlength: input.max_length ?? 4000 });
        }
        control.setAttribute('data-type', String(input.type));
        return h('div', { class: 'field' }, h('label', { for: id }, input.label ?? ''), control);
    }

    /**
     * @param {SubmitEvent} event
     * @param {string} interactionId
     * @param {HTMLElement} status
     */
    async send(event, interactionId, status) {
        event.preventDefault();
        if (this.isSending) return;
        this.isSending = true;
        /** @type {Record<string, string | string[]>} */
        const values = {};
        const controls = /** @type {NodeListOf<HTMLInputElement>} */ (this.dialog.querySelectorAll('[data-type]'));
        for (const control of controls) {
            values[control.name] = control.dataset.type === '4' ? control.value : [control.value];
        }
        try {
            const outcome = await this.store.submit(interactionId, values);
            if (outcome.status === 'timed_out') status.textContent = 'The application did not respond in time.';
            else this.dialog.close();
        } catch (error) {
            status.textContent = error instanceof Error ? error.message : String(error);
        } finally {
            this.isSending = false;
        }
    }
}

customElements.define('chat-form', ChatForm);
