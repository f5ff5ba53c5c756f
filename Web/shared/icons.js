/**
 * The icons, drawn on a 24 × 24 grid, each as a list of shapes. They are code rather than files, so that they show even
 * while the server is unreachable.
 *
 * @type {Record<string, [shape: string, attributes: Record<string, string>][]>}
 */
export const icons = {
    calendar: [
        ['rect', { x: '3.5', y: '5', width: '17', height: '15.5', rx: '3' }],
        ['path', { d: 'M3.5 10h17M8 2.8v4M16 2.8v4' }],
    ],
    clock: [['circle', { cx: '12', cy: '12', r: '8.7' }], ['path', { d: 'M12 7v5.2l3.4 2' }]],
    place: [
        ['path', { d: 'M12 21.2c4.6-4.2 7-7.8 7-11a7 7 0 1 0-14 0c0 3.2 2.4 6.8 7 11Z' }],
        ['circle', { cx: '12', cy: '10', r: '2.5' }],
    ],
    host: [['path', { d: 'm4 8 4 3.5L12 5l4 6.5L20 8l-1.6 10H5.6L4 8Z' }]],
    people: [
        ['circle', { cx: '9', cy: '8.5', r: '3.5' }],
        ['path', { d: 'M2.8 20c.6-3.6 3-5.6 6.2-5.6s5.6 2 6.2 5.6M15.5 5.3a3.4 3.4 0 0 1 0 6.4M17.5 14.8c2 .8 3.3 2.6 3.7 5.2' }],
    ],
    plus: [['path', { d: 'M12 5v14M5 12h14', 'stroke-width': '2.2' }]],
    check: [['path', { d: 'm5 12.8 4.5 4.5L19 7.5', 'stroke-width': '2.4' }]],
    cross: [['path', { d: 'm6.5 6.5 11 11M17.5 6.5l-11 11', 'stroke-width': '2.2' }]],
    link: [
        ['path', { d: 'M10 14a4.2 4.2 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1.2 1.2M14 10a4.2 4.2 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1.2-1.2' }],
    ],
    pencil: [['path', { d: 'm4.5 19.5.9-4L16 4.9a1.9 1.9 0 0 1 2.7 0l.4.4a1.9 1.9 0 0 1 0 2.7L8.5 18.6l-4 .9Z' }]],
    moon: [['path', { d: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z' }]],
    sun: [
        ['circle', { cx: '12', cy: '12', r: '4' }],
        ['path', { d: 'M12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M5.5 18.5l1.4-1.4M17.1 6.9l1.4-1.4' }],
    ],
    half: [
        ['circle', { cx: '12', cy: '12', r: '8.5' }],
        ['path', { d: 'M12 3.5a8.5 8.5 0 0 1 0 17Z', fill: 'currentColor', stroke: 'none' }],
    ],
    exit: [['path', { d: 'M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M14.5 8l4 4-4 4M18 12H9.5' }]],
    download: [['path', { d: 'M12 4v10.5M7.5 10.5 12 15l4.5-4.5M4.5 19.5h15' }]],
    alert: [['path', { d: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.1' }]],
    lantern: [
        ['path', { d: 'M9 6.5a3 3 0 0 1 6 0M7.5 6.5h9l1.5 5-1.5 7h-9L6 11.5l1.5-5ZM8.5 21.5h7' }],
        ['path', { d: 'M12 9.5c1.5 1.7 2.2 2.9 2.2 4.1a2.2 2.2 0 0 1-4.4 0c0-1.2.7-2.4 2.2-4.1Z', fill: 'currentColor', stroke: 'none' }],
    ],
    cards: [
        ['rect', { x: '9.5', y: '5', width: '10.5', height: '14.5', rx: '2.2', transform: 'rotate(9 14.7 12.2)' }],
        ['path', { d: 'm8.4 6.6-4 1.2A1.9 1.9 0 0 0 3.2 10.2l2.9 9.2a1.9 1.9 0 0 0 2 1.3' }],
    ],
    discord: [
        ['path', { d: 'M5 4.5h14a2.5 2.5 0 0 1 2.5 2.5v8.5A2.5 2.5 0 0 1 19 18h-6.6L8 21.6V18H5a2.5 2.5 0 0 1-2.5-2.5V7A2.5 2.5 0 0 1 5 4.5Zm3.7 5.3a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Zm6.6 0a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Z', 'fill-rule': 'evenodd', fill: 'currentColor', stroke: 'none' }],
    ],
    speaker: [['path', { d: 'M4 9v6h4l5 4V5L8 9H4zm12.5 3a4 4 0 0 0-2-3.5v7a4 4 0 0 0 2-3.5zM14.5 4.6v2.1a6 6 0 0 1 0 10.6v2.1a8 8 0 0 0 0-14.8z', fill: 'currentColor', stroke: 'none' }]],
    crown: [['path', { d: 'M3 7l4.5 4L12 4l4.5 7L21 7l-2 12H5z', fill: 'currentColor', stroke: 'none' }]],
    envelope: [['path', { d: 'M4 6h16l-8 6zM3 7.5V18h18V7.5l-9 6.8z', fill: 'currentColor', stroke: 'none' }]],
};
