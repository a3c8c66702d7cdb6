// From a canister's source to its Wasm and Candid, without dfx and without a download.
import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { findRoot } from '../root.ts';
import { createBuildCache } from './cache.ts';
import type { BuildProblem } from './problem.ts';

export interface BuiltCanister {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  /** Nothing had changed, so the kept result was used. */
  readonly isCached: boolean;
}

/** `source` is a canister's folder, or its entry file; `keptIn` is where results are kept. */
export async function buildCanister(
  source: string,
  keptIn: string = join(findRoot(), '.tamc', 'canisters'),
): Promise<Result<BuiltCanister, readonly BuildProblem[]>> {
  const root = findRoot();
  const entry = /\.[cm]?[jt]s$/.test(source) ? resolve(source) : join(resolve(source), 'index.ts');
  const cache = createBuildCache(root, keptIn, entry);
  const kept = cache.read();
  if (kept !== null) return ok({ ...kept, isCached: true });
  if (!(await isFile(entry))) return refuse([missingEntry(relative(process.cwd(), entry))]);
  const made = await make(entry, root);
  if (!made.ok) return made;
  const { wasm, candid, inputs } = made.value;
  cache.write({ wasm, candid }, inputs);
  return ok({ wasm, candid, isCached: false });
}

const templatePath = 'node_modules/azle/dist/canister_templates/stable.wasm';

interface Made {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  readonly inputs: readonly string[];
}

/** The tools are loaded only here: a build that finds its kept result does not pay for them. */
async function make(entry: string, root: string): Promise<Result<Made, readonly BuildProblem[]>> {
  const [{ bundleCanister }, { fillTemplate }, { readInterface }, { checkTypes }] = await Promise.all([
    import('./bundle.ts'),
    import('./template.ts'),
    import('./interface.ts'),
    import('./typecheck.ts'),
  ]);
  const [template, { version }] = await Promise.all([
    readFile(join(root, templatePath)),
    readFile(join(root, 'node_modules/azle/package.json'), 'utf8').then(JSON.parse),
  ]);
  const bundle = await bundleCanister(entry, root, join(root, 'stack/src/azle/text-encoding.ts'));
  if (!bundle.ok) return bundle;
  const types = checkTypes(entry, join(root, 'tsconfig.canister.json'), root);
  if (types.problems.length > 0) return refuse(types.problems);
  const { javaScript, sourceMap, inputs } = bundle.value;
  const settings = JSON.stringify({ envVars: [['AZLE_VERSION', version]], mainJsPath: 'main.js' });
  const asked = await readInterface(fillTemplate(template, javaScript, settings, {}, {}), sourceMap);
  if (!asked.ok) return asked;
  const { candid, methods } = asked.value;
  const wasm = fillTemplate(template, javaScript, settings, methods, { 'icp:public candid:service': candid });
  return ok({ wasm, candid, inputs: [join(root, templatePath), ...inputs, ...types.inputs] });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

function missingEntry(file: string): BuildProblem {
  const next = 'Name a folder that holds the canister as index.ts, or the file itself.';
  return { file, line: 1, column: 1, text: 'There is no such file.', next };
}
