// `npm run bench`: every figure with its baseline; `-- NAME` for one, `-- --json` for a list. `npm run soak`: the long one.
// The benchmarks run as a bundle, as users' programs do: a loader for TypeScript would wrap functions and slow hot loops.
import { bundleProgram } from './bundle-command.mjs';
import { runNode } from './run.mjs';
import { installPackages, root } from './set-up.mjs';

await installPackages();
const [program, ...args] = process.argv.slice(2);
const entry = program === 'soak' ? 'tests/bench/soak.ts' : 'tests/bench/main.ts';
const rest = program === 'soak' ? args : process.argv.slice(2);
const bundle = await bundleProgram(root, { entry, name: program === 'soak' ? 'soak' : 'bench' });
// The process that the kill runs kill and start again and again.
const killChild = await bundleProgram(root, { entry: 'tests/bench/kill-child.ts', name: 'kill-child' });
const env = { ...process.env, TAMC_KILL_CHILD: killChild };
process.exitCode = await runNode(['--expose-gc', bundle, ...rest], { env });
