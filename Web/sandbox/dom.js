// Small helpers for building and updating the page.

/**
 * Makes an element: `h('button', {type: 'button', class: 'x', onclick}, 'Text', child)`. Attributes that are null or false
 * are left out; names that begin with "on" become listeners.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes = {}, ...children) {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue
        if (key.startsWith('on') && typeof value === 'function') {
            element.addEventListener(key.slice(2), /** @type {EventListener} */ (value))
        } else {
            element.setAttribute(key, value === true ? '' : String(value))
        }
    }
    for (const child of children) {
        if (child !== null && child !== undefined && child !== false) element.append(child)
    }
    return element
}

/**
 * Puts `children` into `parent`, keeping those that are there already, and the focus: an element that had it and is replaced
 * hands it to the one with the same `data-key`.
 * @param {Element} parent
 * @param {Node[]} children
 */
export function fill(parent, children) {
    const focused = parent.contains(document.activeElement) ? document.activeElement : null
    const key = focused?.getAttribute('data-key')
    parent.replaceChildren(...children)
    if (!focused || focused.isConnected || !key) return
    const successor = [...parent.querySelectorAll('[data-key]')].find((e) => e.getAttribute('data-key') === key)
    if (successor instanceof HTMLElement) successor.focus({ preventScroll: true })
}

const palette = ['#4752c4', '#2d7d46', '#a12d5c', '#8a5a00', '#1b6f8a', '#7a4bb3', '#a6442b', '#4d6a1f']

/**
 * A colour for things without a picture, always the same for the same id.
 * @param {string} id
 */
export function colourOf(id) {
    let sum = 0
    for (const digit of String(id)) sum = (sum * 31 + digit.charCodeAt(0)) % 9973
    return palette[sum % palette.length] ?? '#4752c4'
}

/**
 * Initials on a coloured disc, in place of a picture.
 * @param {string} id
 * @param {string} name
 */
export function avatar(id, name, size = 40) {
    const initials = name.split(/\s+/).map((word) => word[0] ?? '').join('').slice(0, 2).toUpperCase()
    const element = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials)
    element.style.setProperty('--colour', colourOf(id))
    element.style.setProperty('--size', `${size}px`)
    return element
}

const drawings = {
    speaker: 'M4 9v6h4l5 4V5L8 9H4zm12.5 3a4 4 0 0 0-2-3.5v7a4 4 0 0 0 2-3.5zM14.5 4.6v2.1a6 6 0 0 1 0 10.6v2.1a8 8 0 0 0 0-14.8z',
    crown: 'M3 7l4.5 4L12 4l4.5 7L21 7l-2 12H5z',
    envelope: 'M4 6h16l-8 6zM3 7.5V18h18V7.5l-9 6.8z',
}

/**
 * A small picture in the colour of the text.
 * @param {keyof typeof drawings} name
 */
export function icon(name, size = 18) {
    const space = 'http://www.w3.org/2000/svg'
    const element = document.createElementNS(space, 'svg')
    for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' })) {
        element.setAttribute(key, String(value))
    }
    const path = document.createElementNS(space, 'path')
    path.setAttribute('d', drawings[name])
    path.setAttribute('fill', 'currentColor')
    element.append(path)
    return element
}
