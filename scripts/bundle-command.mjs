// Bundles a program of the workspace into one file, first of all the `tamc` command: starting TypeScript source directly would cost
// three times the start of bare Node. Of the command the code that V8 makes of it is kept as well (`stack/bin/load-bundle.mjs`).
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKeptCode } from '../stack/bin/load-bundle.mjs';
import { readKeptInputs, toDisk, writeKeptInputs } from '../stack/src/kept-inputs.mjs';

const command = { entry: 'stack/src/command/main.ts', name: 'tamc', isFunction: true };
/** Also known to `stack/bin/tamc.mjs`. */
const folder = '.tamc/bin';
const dayMs = 24 * 60 * 60 * 1000;

export async function bundleCommand(root, { isToServe }) {
  const bundle = await bundleProgram(root, { ...command, isToServe });
  if (readKeptCode(bundle) === undefined) await keepCode(root, bundle);
  return bundle;
}

/** The path of the program's bundle, made now unless the one at hand is current. */
export async function bundleProgram(root, program) {
  const { isToServe = false } = program;
  const directory = join(root, folder, program.name);
  const manifest = join(directory, 'manifest.json');
  const current = readKeptInputs(manifest, root);
  if (current !== null && (isToServe || current.isToServe === undefined)) return join(directory, current.entry);
  const { build } = await import('esbuild');
  mkdirSync(directory, { recursive: true });
  const { metafile } = await build(options(root, program));
  const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === program.entry);
  const entry = path.slice(path.lastIndexOf('/') + 1);
  // Installed packages are stood for by npm's own record of them; what has a colon is no file.
  const own = Object.keys(metafile.inputs).filter((input) => !/node_modules\/|:/.test(input));
  const settings = ['package-lock.json', 'scripts/bundle-command.mjs'];
  // What only serves goes on serving while the other packages are being installed.
  const installed = isToServe ? [] : ['node_modules/.package-lock.json'];
  const details = isToServe ? { entry, isToServe: 'yes' } : { entry };
  toDisk(join(directory, entry));
  // With the bundle itself: one that somebody removed or cut since is made anew.
  writeKeptInputs(manifest, root, [...own, ...settings, ...installed, path], details);
  removeOld(directory);
  return join(directory, entry);
}

/** As a function, the kept code can be given to V8 with it; a module takes none. */
const asFunction = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.dirname': '__dirname' },
  banner: { js: '(function (exports, require, module, __dirname) {' },
  footer: { js: '})' },
};
const asModule = { format: 'esm', outExtension: { '.js': '.mjs' } };

function options(root, { entry, name, isToServe, isFunction = false }) {
  return {
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: join(folder, name),
    // The content is in the name: what is kept of a bundle is never taken for that of another.
    entryNames: '[name]-[hash]',
    ...(isFunction ? asFunction : asModule),
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    // For `source-places.ts`, which reads them when it shows a fault; nothing else does.
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [ownModules, oneLanguage],
    // Tools of the set-up, present in every checkout and too large to carry along.
    external: ['esbuild', 'typescript', 'azle', 'motoko', 'wabt', ...(isToServe ? notToServe : [])],
  };
}

/** Of parts that are not installed to serve: commands name them that are bundled anew before they run. */
const notToServe = ['@tamc/machine', '@tamc/shared'];

/** A library brings its messages in fifty languages, a fifth of all that a start would read; ours are in English. */
const oneLanguage = {
  name: 'one language',
  setup: (context) => {
    context.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};

/**
 * Node's own modules as values. An import statement makes Node read every export of such a module, and some of these are
 * getters that load more: `node:http` a WebSocket client, `node:crypto` all of Web Crypto, together longer than bare Node
 * takes to start. Here only the exports that are used are read.
 */
const ownModules = {
  name: 'own modules of Node',
  setup: (context) => {
    const namespace = 'node';
    context.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      // A library may take a module as a whole, and then everything in it would be read after all.
      importer.includes('node_modules') ? { path, external: true } : { path, namespace },
    );
    context.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: renderOwnModule(path) }));
  },
};

function renderOwnModule(name) {
  const names = Object.getOwnPropertyNames(process.getBuiltinModule(name));
  const usable = names.filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default');
  // A call that is marked as pure is left out when nobody uses what it gives.
  const lines = usable.map((key) => `export const ${key} = /* @__PURE__ */ $take(${JSON.stringify(key)});`);
  const found = `process.getBuiltinModule(${JSON.stringify(name)})`;
  return `const $take = (key) => ${found}[key];\n${lines.join('\n')}\nexport default ${found};`;
}

/** Earlier bundles stay for a while, because another process may be about to load one. */
function removeOld(directory) {
  for (const name of readdirSync(directory).filter((item) => item !== 'manifest.json')) {
    const path = join(directory, name);
    if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { force: true });
  }
}

/** The code that a host waits for when it starts `tamc mcp` and asks for the tools. Without it a start is only slower. */
function keepCode(root, bundle) {
  const noStore = join(root, folder, 'no-store');
  const child = spawn(process.execPath, [join(root, 'stack/bin/keep-code.mjs'), bundle, 'mcp', '--store', noStore], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: keepCodeMs,
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(listTools)}\n`);
  child.stdout.once('data', () => child.stdin.end());
  return new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
}

/** Takes half a second on an idle machine. */
const keepCodeMs = 20_000;

const listTools = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'set-up', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};
