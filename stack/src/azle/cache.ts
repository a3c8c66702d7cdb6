// Keeps the result of a canister's build beside the hashes of everything that went in, below `.tamc/canisters` in the
// checkout. What it gives back is what these inputs made: changed inputs, a half-written or a damaged file are a miss.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface BuildResult {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
}

export interface BuildCache {
  read(): Promise<BuildResult | null>;
  write(result: BuildResult, inputs: readonly string[]): Promise<void>;
}

interface Manifest {
  /** Hash by path; the path is relative to the root, so that a checkout can be moved. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly wasm: string;
  readonly candid: string;
}

/** A change of these tools may change what they make. */
const tools = ['azle', 'esbuild', 'typescript'].map((name) => `node_modules/${name}/package.json`);
const ownSource = 'stack/src/azle';

export function createBuildCache(root: string, entry: string): BuildCache {
  const folder = join(root, '.tamc', 'canisters', hashOf(relative(root, entry)).slice(0, 16));
  const manifestPath = join(folder, 'manifest.json');
  const wasmPath = (hash: string) => join(folder, `${hash.slice(0, 16)}.wasm`);

  const read = async () => {
    const manifest = await readManifest(manifestPath);
    if (manifest === null) return null;
    const current = await hashFiles(root, Object.keys(manifest.inputs));
    if (Object.entries(manifest.inputs).some(([path, hash]) => current[path] !== hash)) return null;
    const wasm = await readOrNull(wasmPath(manifest.wasm));
    if (wasm === null || hashOf(wasm) !== manifest.wasm) return null;
    return { wasm, candid: manifest.candid };
  };

  const write = async ({ wasm, candid }: BuildResult, inputs: readonly string[]) => {
    const names = (await readdir(join(root, ownSource))).filter((name) => !name.endsWith('.test.ts'));
    const paths = [...inputs.map((path) => relative(root, path)), ...tools, ...names.map((n) => `${ownSource}/${n}`)];
    const manifest: Manifest = { inputs: await hashFiles(root, paths), wasm: hashOf(wasm), candid };
    await mkdir(folder, { recursive: true });
    await writeWhole(wasmPath(manifest.wasm), wasm);
    await writeWhole(manifestPath, JSON.stringify(manifest, null, 1));
    await removeOthers(folder, ['manifest.json', `${manifest.wasm.slice(0, 16)}.wasm`]);
  };

  return { read, write };
}

async function readManifest(path: string): Promise<Manifest | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

async function hashFiles(root: string, paths: readonly string[]): Promise<Record<string, string>> {
  const hashed = paths.map(async (path) => {
    const content = await readOrNull(join(root, path));
    return [path, content === null ? 'missing' : hashOf(content)] as const;
  });
  return Object.fromEntries(await Promise.all(hashed));
}

async function readOrNull(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const content = await readFile(path).catch(() => null);
  return content === null ? null : new Uint8Array(content);
}

/** Two builds may run at once: a reader sees the old file or the new one, never half of one. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}

async function removeOthers(folder: string, kept: readonly string[]): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name.endsWith('.wasm') && !kept.includes(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
