// `npm run candid`: accepts the interfaces of the workspace's canisters as their sources have them now.
import { runNode } from './run.mjs';
import { installPackages } from './set-up.mjs';

await installPackages();
process.exitCode = await runNode(['--import', 'tsx', 'scripts/compare-candid.ts', '--accept']);
