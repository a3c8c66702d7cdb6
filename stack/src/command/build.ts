// `tamc build`: a canister's folder to NAME.wasm and NAME.did.
import { basename, dirname, resolve } from 'node:path';
import { buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import type { Given } from './commands.ts';
import { writeIntoFolder } from './out-folder.ts';

const sourceEnding = /\.[cm]?[jt]s$/;

export async function run({ values, switches, positionals }: Given): Promise<number> {
  const source = resolve(positionals[0] ?? '.');
  const built = await buildCanister(source);
  if (!built.ok) {
    if (switches.has('json')) console.log(JSON.stringify({ problems: built.error }));
    else console.error(built.error.map(renderProblem).join('\n'));
    return 1;
  }
  const name = basename(source).replace(sourceEnding, '');
  const here = sourceEnding.test(source) ? dirname(source) : source;
  const target = values.out === undefined ? here : resolve(values.out);
  const files = [
    { name: `${name}.wasm`, content: built.value.wasm },
    { name: `${name}.did`, content: built.value.candid },
  ];
  const [wasm, candid] = writeIntoFolder(target, files, '--out');
  const isUnchanged = built.value.isCached;
  if (switches.has('json')) console.log(JSON.stringify({ wasm, candid, isUnchanged }));
  else console.log(`${wasm}\n${candid}${isUnchanged ? '\n(nothing had changed since the last build)' : ''}`);
  return 0;
}
