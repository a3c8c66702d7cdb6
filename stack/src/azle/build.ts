// From a canister's source to its Wasm and Candid, without dfx and without a download.
import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { findRoot } from '../root.ts';
import { createBuildCache } from './cache.ts';
import { type BuildProblem, problemWithoutPlace } from './problem.ts';

export interface BuiltCanister {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  /** What its stable memory holds, where the canister exports a text as `layout`; also its `tamc:layout` metadata. */
  readonly layout: string | null;
  /** Nothing had changed, so the kept result was used. */
  readonly isCached: boolean;
}

/** `source` is a canister's folder, wherever it lies, or its entry file; `keptIn` is where results are kept. */
export async function buildCanister(
  source: string,
  keptIn: string = join(findRoot(), '.tamc', 'canisters'),
): Promise<Result<BuiltCanister, readonly BuildProblem[]>> {
  const root = findRoot();
  const entry = await findEntry(resolve(source));
  if (!entry.ok) return entry;
  const cache = createBuildCache(root, keptIn, entry.value);
  const kept = cache.read();
  if (kept !== null) return ok({ ...kept, isCached: true });
  const made = await make(entry.value, root);
  if (!made.ok) return refuse(made.error.map((problem) => seenFromHere(problem, root)));
  const { inputs, ...result } = made.value;
  cache.write(result, inputs);
  return ok({ ...result, isCached: false });
}

const templatePath = 'node_modules/azle/dist/canister_templates/stable.wasm';

interface Made {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  readonly layout: string | null;
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
  const { candid, methods, layout } = asked.value;
  const wasm = fillTemplate(template, javaScript, settings, methods, {
    'icp:public candid:service': candid,
    ...(layout === null ? {} : { 'icp:public tamc:layout': layout }),
  });
  return ok({ wasm, candid, layout, inputs: [join(root, templatePath), ...inputs, ...types.inputs] });
}

/** `src/index.ts` is where Azle's own examples have it. */
async function findEntry(source: string): Promise<Result<string, readonly BuildProblem[]>> {
  const isEntry = /\.[cm]?[jt]s$/.test(source);
  const places = isEntry ? [source] : [join(source, 'index.ts'), join(source, 'src', 'index.ts')];
  for (const place of places) if (await isFile(place)) return ok(place);
  return refuse([missingEntry(source, !isEntry && (await isFile(source)))]);
}

/** The tools name files from the root; a person reads them from the folder the command runs in. */
function seenFromHere(problem: BuildProblem, root: string): BuildProblem {
  const { file } = problem;
  if (file === null || file.startsWith('<')) return problem;
  return { ...problem, file: relative(process.cwd(), resolve(root, file)) };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

function missingEntry(source: string, isOtherFile: boolean): BuildProblem {
  const place = relative(process.cwd(), source) || 'this folder';
  const text = isOtherFile ? `${place} is no TypeScript or JavaScript file.` : `There is no canister in ${place}.`;
  return problemWithoutPlace(
    text,
    'Name a folder that holds the canister as index.ts or src/index.ts, or the file itself.',
  );
}
