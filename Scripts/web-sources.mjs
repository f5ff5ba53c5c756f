// Prints what `nommie.wasm` is made of: the compiler, and a fingerprint of the sources. Kept beside the module, it tells
// without compiling whether the module is of these sources. Run by `Scripts/build-web` with node.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** The files that are compiled, in order. */
export function sourceFiles() {
    const found = ['Sources/Domains/Nommie', 'Sources/Domains/NommieWeb'].flatMap((folder) =>
        readdirSync(new URL(folder, root), { recursive: true }).map((name) => `${folder}/${name}`));
    return [...found.filter((name) => /\.(swift|c)$/.test(name)).sort(), 'Scripts/build-web'];
}

/** Without comments and blanks at the lines' ends, which change nothing. */
export function fingerprint() {
    const hash = createHash('sha256');
    for (const name of sourceFiles()) {
        const lines = readFileSync(new URL(name, root), 'utf8').split('\n').map((line) => line.trimEnd());
        const told = lines.filter((line) => line !== '' && !/^\s*(\/\/|# )/.test(line));
        hash.update(`${name}\n${told.join('\n')}\n`);
    }
    return hash.digest('hex');
}

/** The compiler's version line, or null where there is none. */
export function compiler() {
    try {
        return execFileSync('swiftc', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? null;
    } catch {
        return null;
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    console.log(JSON.stringify({ compiler: compiler(), sources: fingerprint() }, null, 2));
}
