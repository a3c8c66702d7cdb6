// Bundles a program of the workspace, first of all the `tamc` command. Each part that is imported when needed becomes a
// file of its own: starting TypeScript source directly would cost three times the start of bare Node.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKeptInputs, writeKeptInputs } from '../stack/src/kept-inputs.mjs';

const command = { entry: 'stack/src/command/main.ts', name: 'tamc' };
const folder = '.tamc/bin';
const dayMs = 24 * 60 * 60 * 1000;

export function bundleCommand(root) {
  return bundleProgram(root, command);
}

/** The path of the bundled command when it is current, else null. */
export function currentBundle(root, { name } = command) {
  const kept = readKeptInputs(manifestPath(root, name), root);
  return kept === null ? null : join(root, folder, name, kept.entry);
}

/** The path of the program's bundle, made now unless the one at hand is current. */
export async function bundleProgram(root, program) {
  const current = currentBundle(root, program);
  if (current !== null) return current;
  const { build } = await import('esbuild');
  const directory = join(root, folder, program.name);
  mkdirSync(directory, { recursive: true });
  const { metafile } = await build(options(root, program));
  const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === program.entry);
  const entry = path.slice(path.lastIndexOf('/') + 1);
  // Installed packages are stood for by npm's own record of them.
  const own = Object.keys(metafile.inputs).filter((input) => !input.includes('node_modules/'));
  const settings = ['package-lock.json', 'node_modules/.package-lock.json', 'scripts/bundle-command.mjs'];
  writeKeptInputs(manifestPath(root, program.name), root, [...own, ...settings], { entry });
  removeOld(directory);
  return join(directory, entry);
}

function manifestPath(root, name) {
  return join(root, folder, name, 'manifest.json');
}

function options(root, { entry, name }) {
  return {
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: join(folder, name),
    // The content is in the name, so a running program never loads a part of a later bundle.
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [ownModules],
    // Tools of the set-up, present in every checkout and too large to carry along.
    external: ['esbuild', 'typescript', 'azle', 'motoko', 'wabt'],
  };
}

/**
 * Node's own modules as values. An import statement makes Node read every export of such a module, and some of these are
 * getters that load more: `node:http` a WebSocket client, `node:crypto` all of Web Crypto, together longer than bare Node
 * takes to start. Exports behind a getter cannot be imported this way; the bundler then says so.
 */
const ownModules = {
  name: 'own modules of Node',
  setup: (context) => {
    const namespace = 'node';
    context.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace }));
    context.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: renderOwnModule(path) }));
  },
};

function renderOwnModule(name) {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)));
  const isName = (key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default';
  const names = properties.filter(([key, { get }]) => get === undefined && isName(key)).map(([key]) => key);
  return `const found = process.getBuiltinModule(${JSON.stringify(name)});
    export const { ${names.join(', ')} } = found;
    export default found;`;
}

/** Parts of earlier bundles stay for a while, because a program that runs may still load them. */
function removeOld(directory) {
  for (const name of readdirSync(directory).filter((item) => item.endsWith('.mjs'))) {
    const path = join(directory, name);
    if (Date.now() - statSync(path).mtimeMs > dayMs * 7) rmSync(path, { force: true });
  }
}
