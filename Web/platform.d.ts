// Platform names that are newer than the type library this is checked with.

interface ViewTransition {
    readonly finished: Promise<void>;
    readonly ready: Promise<void>;
}

interface Document {
    startViewTransition?(update: () => void | Promise<void>): ViewTransition;
}
