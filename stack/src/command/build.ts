// `tamc build`: a canister's folder to NAME.wasm and NAME.did.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import type { Given } from './commands.ts';

export async function run({ values, switches, positionals }: Given): Promise<number> {
  const folder = resolve(positionals[0] ?? '.');
  const built = await buildCanister(folder);
  if (!built.ok) {
    if (switches.has('json')) console.log(JSON.stringify({ problems: built.error }));
    else console.error(built.error.map(renderProblem).join('\n'));
    return 1;
  }
  const name = basename(folder).replace(/\.[cm]?[jt]s$/, '');
  const target = values.out === undefined ? folder : resolve(values.out);
  await mkdir(target, { recursive: true });
  const [wasm, candid] = [join(target, `${name}.wasm`), join(target, `${name}.did`)];
  await writeFile(wasm, built.value.wasm);
  await writeFile(candid, built.value.candid);
  const isUnchanged = built.value.isCached;
  if (switches.has('json')) console.log(JSON.stringify({ wasm, candid, isUnchanged }));
  else console.log(`${wasm}\n${candid}${isUnchanged ? '\n(nothing had changed since the last build)' : ''}`);
  return 0;
}
