// Compares the committed Candid file of every canister in the workspace (or in the folders named) with what its source
// says; `--accept` writes it.
// A changed interface is a promise changed to every client, so it has to show in a diff.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { buildCanister, findRoot, renderProblem } from '@tamc/stack';

const root = findRoot();
const words = process.argv.slice(2);
const accepts = words.includes('--accept');
const named = words.filter((word) => word !== '--accept').map((word) => resolve(word));

function canisterFolders(): string[] {
  const parents = ['canisters', 'examples', 'tests/canisters']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const folders = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return folders.filter((folder) => existsSync(join(folder, 'index.ts'))).sort();
}

/** What is wrong, or null. */
async function checkCanister(folder: string): Promise<string | null> {
  const built = await buildCanister(folder);
  if (!built.ok) return built.error.map(renderProblem).join('\n');
  const path = join(folder, `${basename(folder)}.did`);
  const committed = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (committed === built.value.candid) return null;
  const name = relative(root, path);
  if (accepts) {
    writeFileSync(path, built.value.candid);
    console.log(`wrote ${name}`);
    return null;
  }
  const change =
    committed === null ? 'is missing' : `differs from its source:\n${difference(committed, built.value.candid)}`;
  return `${name} ${change}\n  → \`npm run candid\` accepts the interface as it is now; commit the file with it.`;
}

/** The lines that only one side has: enough to see what changed in an interface. */
function difference(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const removed = old.filter((line) => !now.includes(line)).map((line) => `- ${line}`);
  const added = now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  return [...removed, ...added].join('\n');
}

const wrong: string[] = [];
for (const folder of named.length > 0 ? named : canisterFolders()) {
  const problem = await checkCanister(folder);
  if (problem !== null) wrong.push(problem);
}
for (const problem of wrong) console.error(problem);
process.exitCode = wrong.length === 0 ? 0 : 1;
