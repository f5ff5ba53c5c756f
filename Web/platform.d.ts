// Platform APIs that are newer than the type library used for checking.

interface ViewTransition {
    readonly finished: Promise<void>;
    readonly ready: Promise<void>;
}

interface Document {
    startViewTransition?(update: () => void | Promise<void>): ViewTransition;
}
