import { unseen } from '../shared/dom.js';
import { live, session } from './app.js';
import './elements/banner.js';
import './elements/header.js';
import { readInto } from './elements/states.js';
import { toast } from './elements/toasts.js';
import { refreshPage, startRouter } from './router.js';

/**
 * The user for whom the page is shown.
 * @type {string | null}
 */
let shownFor = null;

async function start() {
    const main = /** @type {HTMLElement} */ (document.getElementById('main'));
    await readInto(main, () => session.load(), { before: () => [unseen('Tandem', 'h1')] });
    shownFor = session.user?.id ?? null;
    if (session.user) live.start();
    startRouter();
    session.addEventListener('change', personChanged);
    live.access.addEventListener('change', (event) => accessChanged(/** @type {CustomEvent} */ (event).detail));
}

function personChanged() {
    const user = session.user?.id ?? null;
    if (user === shownFor) return;
    shownFor = user;
    live.stop();
    if (user) live.start();
    refreshPage();
}

/** @param {{granted: boolean, name: string}} change */
function accessChanged({ granted, name }) {
    toast(granted ? `You can see the games of ${name} now.` : `You no longer see the games of ${name}.`);
    if (!document.querySelector('form')) refreshPage();
}

start();
