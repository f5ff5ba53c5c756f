import { RequestError } from '../../sdk/index.js';
import { h, unseen } from '../../shared/dom.js';
import { live, session } from '../app.js';
import { TandemGameCard } from '../elements/game-card.js';
import { emptyState, readInto, skeletonSheet } from '../elements/states.js';
import { announce, toast } from '../elements/toasts.js';
import { swap } from '../focus.js';
import { GameForm } from '../games/game-form.js';
import { keepDraft, takeDraft } from '../games/kept-draft.js';
import { draftOf, fields, isSame, mergeDrafts } from '../games/merge.js';
import { PlacePicker } from '../games/place-picker.js';
import { isOver, mayManage } from '../games/seats.js';
import { detailsPath } from '../routes.js';
import { client, reasonOf } from '../server.js';
import { conflictNotice } from './conflict.js';
import { missingGame } from './not-found.js';

/** @typedef {import('../types.js').Game} Game */
/** @typedef {import('../types.js').GameDraft} GameDraft */

/** The name under which the draft of a new game is kept; edits are kept under their game's id. */
const newGame = 'new';

/**
 * The form for a new game.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function createPage({ search, signal, guard, navigate }) {
    const title = 'New game';
    if (session.playable.length === 0) {
        const text = 'Games live in a server that Tandem is in. Ask an admin of yours to invite it.';
        return { title, content: [h('h1', {}, title), emptyState({ title: 'No server to play in', text })] };
    }
    const form = new GameForm({ label: 'Plan this game', onSubmit: () => submit() });
    const owner = session.user?.id ?? '';
    const kept = takeDraft(owner, newGame);
    const place = new PlacePicker(form, kept ?? { guild_id: search.get('guild_id') ?? '' }, signal);
    const start = blankDraft();
    form.fill({ ...start, ...kept, scheduled_at: kept?.scheduled_at || start.scheduled_at });
    guard(() => !signal.aborted && changed(start, form.read()));
    signal.addEventListener('abort', () => {
        const draft = form.read();
        if (session.user === null && changed(start, draft)) keepDraft(owner, newGame, { ...place.read(), ...draft });
    });
    // One intention, one id: pressing again after a lost response doesn't create a second game.
    let intention = { id: '', text: '' };

    async function submit() {
        const draft = form.read();
        const faults = [...place.faults(), ...form.faults(draft)];
        form.showFaults(faults);
        if (faults.length > 0) return;
        form.setBusy(true, 'Planning…');
        const body = { ...place.read(), ...draft };
        const text = JSON.stringify(body);
        if (intention.text !== text) intention = { id: crypto.randomUUID(), text };
        try {
            /** @type {Game} */
            const game = await client.command('api/v1/games', body, { id: intention.id, retries: 2 });
            live.collection.put(game);
            toast(`${game.title} is planned.`, { tone: 'good' });
            if (signal.aborted) return;
            guard(() => false);
            navigate(detailsPath(game.id));
        } catch (error) {
            if (signal.aborted) toast(`${draft.title} wasn’t planned: ${reasonOf(error)}`, { tone: 'trouble' });
            else showRefusal(form, error);
        } finally {
            form.setBusy(false, 'Plan this game');
        }
    }

    const lead = h('p', { class: 'lead' }, 'It shows up on Discord the moment you plan it.');
    return {
        title,
        content: [
            h('div', { class: 'page-head' }, h('h1', {}, title), lead),
            h('div', { class: 'with-preview' }, form.element, preview(form, place)),
        ],
    };
}

/**
 * The form for changing a game, even while others change it.
 * @param {import('../router.js').PageContext} context @returns {import('../router.js').Page}
 */
export function editPage(context) {
    const { id, signal, setTitle } = context;
    const content = h('div', { class: 'edit' }, h('h1', {}, 'Edit game'), skeletonSheet());
    const load = () => live.collection.refresh(id);
    const begin = (/** @type {Game | null} */ game) => {
        if (signal.aborted) return;
        if (!game) return swap(content, ...missingGame());
        setTitle(`Edit ${game.title}`);
        if (!mayManage(game, session.user?.id ?? '', session.guild(game.guild_id))) {
            return swap(content, unseen('Edit game', 'h1'), notYours(game));
        }
        const { form } = new Editor(game, context);
        swap(content, h('div', { class: 'page-head' }, h('h1', {}, 'Edit game')), form.element);
    };
    readInto(content, () => load().then(begin), { signal, before: () => [h('h1', {}, 'Edit game')] });
    live.view({ wants: (event) => event === id, reload: load }, signal);
    return { title: 'Edit game', content: [content] };
}

/** @param {Game} game */
const notYours = (game) => emptyState({
    title: isOver(game) ? 'This game is over' : 'Only its host can change this game',
    text: 'Its host and the server’s managers can change it until it is over.',
    link: { label: 'Back to the game', href: detailsPath(game.id) },
});

/** One game being edited: the starting point, the user's changes, and others' changes in the meantime. */
class Editor {
    form = new GameForm({ label: 'Save changes', onSubmit: () => this.#save() });
    /** @type {GameDraft} */
    #base;
    #version;
    #conflict = h('div', {});
    /** Whether a conflict has appeared since Save was last pressed, so that the user hasn't seen it yet. */
    #disputed = false;

    /** @param {Game} game @param {import('../router.js').PageContext} context */
    constructor(game, { signal, guard, navigate }) {
        this.id = game.id;
        this.signal = signal;
        this.guard = guard;
        this.navigate = navigate;
        const owner = session.user?.id ?? '';
        /** @type {{base: GameDraft, version: number, draft: GameDraft} | null} */
        const kept = takeDraft(owner, game.id);
        this.#base = kept?.base ?? draftOf(game);
        this.#version = kept?.version ?? game.version;
        this.form.fill(kept?.draft ?? this.#base);
        this.form.top.append(this.#conflict);
        this.form.submit.after(h('a', { class: 'button', href: detailsPath(game.id) }, 'Back'));
        this.#meet(game);
        guard(() => !signal.aborted && changed(this.#base, this.form.read()));
        signal.addEventListener('abort', () => {
            const [base, version, draft] = [this.#base, this.#version, this.form.read()];
            if (session.user === null && changed(base, draft)) keepDraft(owner, game.id, { base, version, draft });
        });
        live.onChange(({ current }) => {
            if (current?.id === this.id) this.#meet(current);
        }, signal);
    }

    async #save() {
        const draft = this.form.read();
        const faults = this.form.faults(draft);
        this.form.showFaults(faults);
        if (faults.length > 0) return;
        this.#disputed = false;
        this.form.setBusy(true, 'Saving…');
        try {
            await this.#send(draft);
        } catch (error) {
            if (!this.signal.aborted) showRefusal(this.form, error);
        } finally {
            this.form.setBusy(false, 'Save changes');
        }
    }

    /** @param {GameDraft} draft @param {number} [tries] @returns {Promise<void>} */
    async #send(draft, tries = 3) {
        try {
            const body = { ...draft, version: this.#version };
            /** @type {Game} */
            const game = await client.command(`api/v1/${detailsPath(this.id)}`, body, { method: 'PUT', retries: 2 });
            this.guard(() => false);
            this.#base = draft;
            this.#version = game.version;
            live.collection.put(game);
            toast('Saved.', { tone: 'good' });
            if (!this.signal.aborted) this.navigate(detailsPath(this.id));
        } catch (error) {
            if (!(error instanceof RequestError && error.code === 'version_conflict' && tries > 1)) throw error;
            const theirs = await live.collection.refresh(this.id);
            if (!theirs) throw new RequestError(404, 'game_not_found', 'This game is gone.');
            this.#meet(theirs);
            // Somebody only took a seat, or changed other fields: both edits fit together.
            if (!this.#disputed) return this.#send(this.form.read(), tries - 1);
        }
    }

    /**
     * Merges what somebody else has saved.
     * @param {Game} theirs
     */
    #meet(theirs) {
        if (theirs.version <= this.#version) return;
        const { draft, conflicts, adopted } = mergeDrafts(this.#base, this.form.read(), draftOf(theirs));
        this.#base = draftOf(theirs);
        this.#version = theirs.version;
        if (adopted.length > 0) this.form.fill(draft);
        if (conflicts.length > 0 || adopted.length > 0) {
            const take = (/** @type {import('../games/merge.js').Conflict} */ { field, theirs: value }) => {
                this.form.fill({ ...this.form.read(), [field]: value });
            };
            this.#conflict.replaceChildren(conflictNotice({ conflicts, adopted, draft, take }));
            announce('This game was changed by somebody else while you were editing.');
        }
        if (conflicts.length > 0) {
            this.#disputed = true;
            /** @type {HTMLElement} */ (this.#conflict.firstElementChild)?.focus();
        }
    }
}

/**
 * A preview of the card while the form is filled in. It is decoration: all of it is in the form.
 * @param {GameForm} form @param {PlacePicker} place
 */
function preview(form, place) {
    const card = new TandemGameCard();
    const draw = () => {
        const draft = form.read();
        card.show({
            id: 'preview',
            channel_id: '',
            message_id: null,
            signup_method: 'self_signup',
            status: 'scheduled',
            participants: [],
            version: 0,
            ...draft,
            guild_id: place.read().guild_id,
            title: draft.title || 'Your game',
            scheduled_at: draft.scheduled_at || blankDraft().scheduled_at,
            max_players: Math.min(Math.max(Math.trunc(draft.max_players) || 1, 1), 100),
            host: { id: session.user?.id ?? '', name: session.user?.display_name ?? '' },
        });
    };
    form.element.addEventListener('input', draw);
    draw();
    const caption = h('p', { class: 'hint' }, 'How it will look');
    return h('aside', { class: 'preview', 'aria-hidden': 'true', inert: true }, caption, card);
}

/** @param {GameForm} form @param {unknown} error */
function showRefusal(form, error) {
    const fields = error instanceof RequestError ? error.fields : [];
    /** @type {[import('../games/game-form.js').FieldName, string][]} */
    const faults = fields.flatMap(({ field, message }) => (form.has(field) ? [[field, message]] : []));
    // Errors without a field here are shown above the form.
    form.showFaults(faults, faults.length < fields.length || faults.length === 0 ? reasonOf(error) : '');
}

/** @param {GameDraft} before @param {GameDraft} now */
const changed = (before, now) => fields.some((field) => !isSame(before[field], now[field]));

/**
 * The default: tomorrow evening, two hours, four seats.
 * @returns {GameDraft}
 */
function blankDraft() {
    const evening = new Date(client.clock.now());
    evening.setDate(evening.getDate() + 1);
    evening.setHours(19, 30, 0, 0);
    const when = { scheduled_at: evening.toISOString(), duration_minutes: 120 };
    return { title: '', description: '', where: '', ...when, max_players: 4 };
}
