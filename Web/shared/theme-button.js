import { button, icon } from './dom.js';
import { currentTheme, nextTheme } from './theme.js';

const names = { auto: 'as your system', light: 'light', dark: 'dark' };
const icons = { auto: 'half', light: 'sun', dark: 'moon' };

/** A button that shows the current theme and switches to the next one. */
export function themeButton() {
    const made = button('', () => draw(nextTheme()), { class: 'button quiet only-icon' });
    const draw = (/** @type {import('./theme.js').Theme} */ theme) => {
        made.replaceChildren(icon(icons[theme]));
        made.setAttribute('aria-label', `Colours: ${names[theme]}`);
        made.title = `Colours: ${names[theme]}`;
    };
    draw(currentTheme());
    return made;
}
