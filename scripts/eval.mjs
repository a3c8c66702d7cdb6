// `npm run eval -- SUITE --host scripted|MODEL`: sets up, then runs the evals from source.
import { setUp } from './set-up.mjs';
await setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../evals/src/command.ts');
process.exitCode = await main(process.argv.slice(2));
