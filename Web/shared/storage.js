/**
 * Text that this browser keeps. Storage may be forbidden or full: then nothing is kept, reading returns null, and nothing throws.
 * @param {() => Storage} storage
 */
function kept(storage) {
    return {
        /** @param {string} key */
        read(key) {
            try {
                return storage().getItem(key);
            } catch {
                return null;
            }
        },
        /** @param {string} key @param {string | null} text null removes it */
        write(key, text) {
            try {
                if (text === null) storage().removeItem(key);
                else storage().setItem(key, text);
            } catch {
                // What can't be kept lasts as long as the page.
            }
        },
    };
}

/** Kept on this device, for all tabs. */
export const onDevice = kept(() => localStorage);

/** Kept in this tab until it is closed. */
export const inTab = kept(() => sessionStorage);
