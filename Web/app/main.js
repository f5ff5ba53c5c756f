import { Backoff } from '../sdk/index.js';
import { live, session } from './app.js';
import { unseen } from './dom.js';
import './elements/banner.js';
import './elements/header.js';
import { troubleState } from './elements/states.js';
import { toast } from './elements/toasts.js';
import { refreshPage, startRouter } from './router.js';
import { isPassing, reasonOf, waited } from './server.js';

/**
 * Whose page is shown.
 * @type {string | null}
 */
let shownFor = null;

async function start() {
    await askWhoIsThere();
    shownFor = session.user?.id ?? null;
    if (session.user) live.start();
    startRouter();
    session.addEventListener('change', personChanged);
    live.access.addEventListener('change', (event) => accessChanged(/** @type {CustomEvent} */ (event).detail));
}

/** Without an answer nothing can be shown: it is tried until there is one, and at once when somebody says so. */
async function askWhoIsThere() {
    const backoff = new Backoff({ min: 1000, max: 20_000 });
    let again = () => {};
    let shown = '';
    for (;;) {
        try {
            return await session.load();
        } catch (error) {
            const reason = reasonOf(error);
            if (reason !== shown) showTrouble(reason, () => again());
            shown = reason;
            /** @type {Promise<void>} */
            const pressed = new Promise((resolve) => (again = resolve));
            await (isPassing(error) ? Promise.race([pressed, waited(error, backoff)]) : pressed);
        }
    }
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

/** @param {string} reason @param {() => void} again */
function showTrouble(reason, again) {
    document.getElementById('main')?.replaceChildren(unseen('Tandem', 'h1'), troubleState(reason, again));
}

start();
