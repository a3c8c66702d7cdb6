#!/usr/bin/env node
// The `tamc` command as npm finds it, before the first set-up too: makes sure that the bundle is current, then runs it.
// Every start passes here, so it loads next to nothing.

// Missing only in a Node that is too old, which gets a sentence about it.
if (process.getBuiltinModule === undefined) {
  const { assertNodeVersion } = await import('../../scripts/node-version.mjs');
  assertNodeVersion();
}
const [{ readKeptInputs }, { loadBundle }] = await Promise.all([
  import('../src/kept-inputs.mjs'),
  import('./load-bundle.mjs'),
]);
const { dirname, join } = process.getBuiltinModule('node:path');
/** A host waits for it for half a minute, and it needs little of what there is to install. */
const isToServe = process.argv[2] === 'mcp';
const root = dirname(dirname(import.meta.dirname));
const folder = join(root, '.tamc/bin/tamc');
const { main } = loadBundle(currentBundle() ?? (await setUp())).exports;
await main(process.argv.slice(2));

function currentBundle() {
  const kept = readKeptInputs(join(folder, 'manifest.json'), root);
  const isUsable = kept !== null && (isToServe || kept.isToServe === undefined);
  return isUsable ? join(folder, kept.entry) : null;
}

async function setUp() {
  const { setUp: run } = await import('../../scripts/set-up.mjs');
  try {
    return await run({ isToServe });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
