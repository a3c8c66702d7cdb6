#!/usr/bin/env node
// The `tamc` command as npm finds it, before the first set-up too: makes sure that the bundle is current, then runs it.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { currentBundle } from '../../scripts/bundle-command.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bundle = currentBundle(root) ?? (await setUp());
const { main } = await import(pathToFileURL(bundle).href);
await main(process.argv.slice(2));

async function setUp() {
  const { setUp: run } = await import(pathToFileURL(join(root, 'scripts/set-up.mjs')).href);
  try {
    return await run();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
