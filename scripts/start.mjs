// `npm start`: sets up, then runs `tamc start`.
import { runNode } from './run.mjs';
import { setUp } from './set-up.mjs';

const bundle = await setUp().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
process.exitCode = await runNode([bundle, 'start', ...process.argv.slice(2)]);
