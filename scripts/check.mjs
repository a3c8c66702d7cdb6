// `npm run check`: format and lint, types, import table, Candid. Each step is shown with its result; all of them run, so
// that one sees everything that is wrong at once.
import { pathToFileURL } from 'node:url';
import { binOf, runNode } from './run.mjs';
import { installPackages } from './set-up.mjs';

const steps = [
  { name: 'format and lint', args: () => [binOf('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings'] },
  { name: 'types', args: () => [binOf('typescript', 'bin/tsc'), '--noEmit', '--project', '.'] },
  { name: 'candid', args: () => ['--import', 'tsx', 'scripts/compare-candid.ts'] },
];
const importTable = {
  name: 'import table',
  args: () => [binOf('vitest', 'vitest.mjs'), 'run', '--reporter=dot', 'tests/import-table.test.ts'],
};

/** How many steps passed and failed. `npm test` runs the import table with the other tests. */
export async function check({ withImportTable }) {
  const results = [];
  for (const { name, args } of withImportTable ? [...steps, importTable] : steps) {
    console.log(`check: ${name} …`);
    const isGood = (await runNode(args())) === 0;
    if (!isGood) console.log(`check: ${name} FAILED`);
    results.push(isGood);
  }
  const passed = results.filter((isGood) => isGood).length;
  return { passed, failed: results.length - passed };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await installPackages();
  const { passed, failed } = await check({ withImportTable: true });
  console.log(`check: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
