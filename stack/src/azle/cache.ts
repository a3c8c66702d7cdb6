// Keeps the result of a canister's build, with what it was made from. What it gives back is what the present inputs make:
// changed inputs and a damaged file are a miss.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readKeptInputs, writeKeptInputs, writeWhole } from '../kept-inputs.mjs';

export interface BuildResult {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  readonly layout: string | null;
}

export interface BuildCache {
  read(): BuildResult | null;
  write(result: BuildResult, inputs: readonly string[]): void;
}

/** A change of these tools may change what they make. */
const tools = ['azle', 'esbuild', 'typescript'].map((name) => `node_modules/${name}/package.json`);
const ownSource = 'stack/src/azle';

export function createBuildCache(root: string, keptIn: string, entry: string): BuildCache {
  const folder = join(keptIn, hashOf(relative(root, entry)).slice(0, 16));
  const manifest = join(folder, 'manifest.json');
  const fileOf = (hash: string) => `${hash.slice(0, 16)}.wasm`;

  return {
    read: () => {
      const { hash, candid, layout } = readKeptInputs(manifest, root) ?? {};
      if (hash === undefined || candid === undefined) return null;
      const wasm = readOrNull(join(folder, fileOf(hash)));
      return wasm === null || hashOf(wasm) !== hash ? null : { wasm, candid, layout: layout ?? null };
    },
    write: ({ wasm, candid, layout }, inputs) => {
      const own = readdirSync(join(root, ownSource)).filter((name) => !name.endsWith('.test.ts'));
      const paths = [...inputs.map((path) => relative(root, path)), ...tools, ...own.map((n) => `${ownSource}/${n}`)];
      const hash = hashOf(wasm);
      mkdirSync(folder, { recursive: true });
      writeWhole(join(folder, fileOf(hash)), wasm);
      writeKeptInputs(manifest, root, paths, {
        hash,
        candid,
        entry: relative(root, entry),
        ...(layout === null ? {} : { layout }),
      });
      removeOthers(folder, fileOf(hash));
      removeOrphans(root, keptIn);
    },
  };
}

function readOrNull(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return null;
  }
}

function removeOthers(folder: string, kept: string): void {
  const others = readdirSync(folder).filter((name) => name.endsWith('.wasm') && name !== kept);
  for (const name of others) rmSync(join(folder, name), { force: true });
}

/** Results of canisters that are gone: a test's, or one that was renamed. */
function removeOrphans(root: string, keptIn: string): void {
  for (const name of readdirSync(keptIn)) {
    const entry = entryOf(join(keptIn, name, 'manifest.json'));
    if (entry !== null && !existsSync(join(root, entry))) rmSync(join(keptIn, name), { recursive: true, force: true });
  }
}

function entryOf(manifest: string): string | null {
  try {
    const { entry } = JSON.parse(readFileSync(manifest, 'utf8'));
    return typeof entry === 'string' ? entry : null;
  } catch {
    return null;
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
