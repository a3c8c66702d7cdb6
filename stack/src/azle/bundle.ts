// Bundles a canister and what it imports into the one JavaScript file that Azle's interpreter runs.
import { basename, dirname, join } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type BuildOptions, build, type Message, type Plugin } from 'esbuild';
import { ofAzle, renderPrelude } from './prelude.ts';
import type { BuildProblem } from './problem.ts';

export interface Bundle {
  readonly javaScript: string;
  /** Leads from a place in the bundle back to the source. */
  readonly sourceMap: string;
  /** Absolute paths of every file that went in. */
  readonly inputs: readonly string[];
}

/** `root` makes the paths in the bundle, and so its bytes, the same in every checkout that holds the canister. */
export async function bundleCanister(
  entry: string,
  root: string,
  encoding: string,
): Promise<Result<Bundle, BuildProblem[]>> {
  try {
    const result = await build(optionsOf(entry, root, encoding));
    const [map, code] = ['.map', '.js'].map((end) => result.outputFiles?.find((file) => file.path.endsWith(end)));
    const inputs = Object.keys(result.metafile?.inputs ?? {});
    return ok({
      javaScript: code?.text ?? '',
      sourceMap: map?.text ?? '',
      inputs: inputs.filter((path) => path !== '<stdin>').map((path) => join(root, path)),
    });
  } catch (error) {
    const messages = errorMessages(error);
    if (messages.length === 0) throw error;
    return refuse(messages.map(messageToProblem));
  }
}

function optionsOf(entry: string, root: string, encoding: string): BuildOptions {
  return {
    stdin: { contents: renderPrelude(basename(entry)), resolveDir: dirname(entry), loader: 'js' },
    absWorkingDir: root,
    outfile: join(root, 'main.js'),
    write: false,
    bundle: true,
    metafile: true,
    sourcemap: 'external',
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
    // A fixed one, so that neither a decorator mode nor a path alias depends on a file that happens to lie nearby.
    tsconfigRaw: { compilerOptions: { target: 'ES2022' } },
    plugins: [replaceModule('@sinonjs/text-encoding', encoding), takeAzleFrom(root)],
  };
}

/** Wherever the canister lies: Azle's JavaScript and the interpreter module that runs it must be of one version. */
function takeAzleFrom(root: string): Plugin {
  const isAsked = Symbol();
  return {
    name: 'azle of the checkout',
    setup: (context) => {
      context.onResolve({ filter: ofAzle }, ({ path, kind, pluginData }) =>
        pluginData === isAsked ? undefined : context.resolve(path, { resolveDir: root, kind, pluginData: isAsked }),
      );
    },
  };
}

function replaceModule(name: string, path: string): Plugin {
  return {
    name: `replace ${name}`,
    setup: (context) => {
      context.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path }));
    },
  };
}

function errorMessages(error: unknown): readonly Message[] {
  if (typeof error !== 'object' || error === null || !('errors' in error) || !Array.isArray(error.errors)) return [];
  return error.errors;
}

function messageToProblem({ text, location, notes }: Message): BuildProblem {
  const note = notes.map((item) => item.text).find((item) => item !== '');
  return {
    file: location?.file ?? null,
    line: location?.line ?? 0,
    column: location === null ? 0 : location.column + 1,
    text,
    next: nextStep(text, note),
  };
}

function nextStep(text: string, note: string | undefined): string {
  if (note?.includes('built into node')) {
    return 'A canister runs without Node: take what it needs from "azle", or pass it in as an argument.';
  }
  if (text.startsWith('Could not resolve')) {
    return 'Correct the path (with its .ts ending), or add the package with `npm install` where the canister lies.';
  }
  return note ?? 'Correct this place and build again.';
}
