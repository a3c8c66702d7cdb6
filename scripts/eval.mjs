// `npm run eval -- SUITE --host scripted|MODEL`: installs what is missing, then runs the evals from source.
import { installPackages } from './set-up.mjs';

await installPackages();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../evals/src/command.ts');
process.exitCode = await main(process.argv.slice(2));
