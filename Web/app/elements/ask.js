import { h } from '../../shared/dom.js';

/**
 * Asks before an action that can't be undone.
 * @param {{title: string, text: string, confirm: string, cancel?: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, confirm, cancel = 'Keep it', danger = false }) {
    return new Promise((resolve) => {
        const dialog = h('dialog', { class: 'ask', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' },
            h('form', { method: 'dialog' },
                h('h2', { id: 'ask-title' }, title),
                h('p', { id: 'ask-text' }, text),
                h('div', { class: 'actions' },
                    h('button', { value: 'no', class: 'button' }, cancel),
                    h('button', { value: 'yes', class: danger ? 'button danger' : 'button primary' }, confirm))));
        // Leaving the page also dismisses its question.
        const leave = () => dialog.close('no');
        document.addEventListener('tandem:navigated', leave);
        dialog.addEventListener('close', () => {
            document.removeEventListener('tandem:navigated', leave);
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}
