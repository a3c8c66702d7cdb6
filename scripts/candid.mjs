// `npm run candid`: accepts the interfaces of the workspace's canisters as their sources have them now.
import { runNode } from './run.mjs';
import { setUp } from './set-up.mjs';

await setUp();
process.exitCode = await runNode(['--import', 'tsx', 'scripts/compare-candid.ts', '--accept']);
