// `npm test`: sets up, checks, runs every test, and says in its last line how many passed and failed.
// Arguments go to vitest, so `npm test -- bytes` runs the tests whose file names hold that word.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.mjs';
import { binOf, runNode } from './run.mjs';
import { installPackages, root } from './set-up.mjs';

const reportPath = join(root, '.tamc', 'test-report.json');

async function runTests() {
  rmSync(reportPath, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const code = await runNode([binOf('vitest', 'vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)]);
  const counted = countTests();
  // A run that ends badly without a failed test (a crash, an unhandled error) has to count as a failure.
  return { passed: counted.passed, failed: code === 0 ? counted.failed : Math.max(1, counted.failed) };
}

function countTests() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(reportPath, 'utf8'));
    const unread = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    return { passed: numPassedTests, failed: numFailedTests + unread };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

await installPackages();
const parts = [await check({ withImportTable: false }), await runTests()];
const total = (name) => parts.reduce((sum, part) => sum + part[name], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') === 0 ? 0 : 1;
