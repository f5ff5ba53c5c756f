import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles the module again, in a temporary folder. */
export function buildWeb() {
    const folder = mkdtempSync(join(tmpdir(), 'nommie-'));
    try {
        execFileSync(fileURLToPath(new URL('../../Scripts/build-web', import.meta.url)), [folder], { stdio: 'pipe' });
        return readFileSync(join(folder, 'nommie.wasm'));
    } finally {
        rmSync(folder, { recursive: true });
    }
}
