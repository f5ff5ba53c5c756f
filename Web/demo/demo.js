/** Shows the chat page and the web page side by side. The server says where the chat page is. */

const root = new URL('./', document.baseURI);
/** The channel in which games are announced in the sandbox. */
const place = '?guild=300000000000000001&channel=400000000000000102';

async function start() {
    show('web', new URL('games', root).href);
    const response = await fetch(new URL('demo/config.json', root), { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const { sandbox_url: address } = await response.json();
    show('chat', sameHost(new URL(place, new URL(address, root))).href);
}

/**
 * Uses the host name with which this page was opened: to a browser, 127.0.0.1 and localhost are two sites, and the frames
 * would not share cookies.
 * @param {URL} address
 */
function sameHost(address) {
    const local = ['127.0.0.1', 'localhost', '[::1]'];
    if (local.includes(address.hostname) && local.includes(location.hostname)) address.hostname = location.hostname;
    return address;
}

/** @param {string} name @param {string} address */
function show(name, address) {
    const frame = /** @type {HTMLIFrameElement} */ (document.querySelector(`[data-frame="${name}"]`));
    const link = /** @type {HTMLAnchorElement} */ (document.querySelector(`[data-window="${name}"] a`));
    frame.src = address;
    link.href = address;
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-show]'))) {
    button.addEventListener('click', () => {
        const main = /** @type {HTMLElement} */ (document.querySelector('main'));
        main.dataset.shown = button.dataset.show;
        for (const each of document.querySelectorAll('[data-show]')) each.setAttribute('aria-pressed', String(each === button));
    });
}

start().catch((error) => {
    const trouble = /** @type {HTMLElement} */ (document.getElementById('trouble'));
    trouble.textContent = `The chat page can’t be shown: ${error.message} Is this \`tandem demo\`?`;
    trouble.hidden = false;
});
