#!/usr/bin/env node
// The `tamc` command as npm finds it, before the first set-up too: makes sure that the bundle is current, then runs it.
// Every start passes here, so it loads next to nothing.

// Missing only in a Node that is too old, which gets a sentence about it.
if (process.getBuiltinModule === undefined) {
  const { assertNodeVersion } = await import('../../scripts/node-version.mjs');
  assertNodeVersion();
}
const { readKeptInputs } = await import('../src/kept-inputs.mjs');
const root = new URL('../..', import.meta.url);
const folder = new URL('.tamc/bin/tamc/', root);
const { main } = await import(currentBundle() ?? (await setUp()));
await main(process.argv.slice(2));

function currentBundle() {
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const kept = readKeptInputs(fileURLToPath(new URL('manifest.json', folder)), fileURLToPath(root));
  return kept === null ? null : new URL(kept.entry, folder).href;
}

async function setUp() {
  const [{ setUp: run }, { pathToFileURL }] = await Promise.all([
    import('../../scripts/set-up.mjs'),
    import('node:url'),
  ]);
  try {
    return pathToFileURL(await run()).href;
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
