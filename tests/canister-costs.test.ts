// What canisters cost does not grow unseen: instructions are the same in every run, so what is measured now is held against the
// committed table. Whoever makes something dearer on purpose writes the table anew, and the growth shows in review.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureDesk } from './bench/canister-costs/desk-acts.ts';
import { measureLedger } from './bench/canister-costs/ledger-acts.ts';
import { measureMachine } from './bench/canister-costs/machine-acts.ts';
import { type Measured, parsePage } from './bench/canister-costs/page.ts';
import { measureRegistry } from './bench/canister-costs/registry-acts.ts';
import { root } from './program.ts';

const page = readFileSync(join(root, 'docs/reference/canister-costs.md'), 'utf8');
const growthMax = 1.2;

const canisters: readonly (readonly [string, () => Promise<Measured>])[] = [
  ['ledger', measureLedger],
  ['machine', measureMachine],
  ['registry', measureRegistry],
  ['simulated-desk', measureDesk],
];

describe.each(canisters)('the %s', (name, measure) => {
  it('has a row for every method of its interface', () => {
    const candid = readFileSync(join(root, `canisters/${name}/${name}.did`), 'utf8');
    const methods = Array.from(candid.matchAll(/^ {4}(\w+): /gm), ([, method]) => method!);
    const measured = new Set([...parsePage(page, name).keys()].map((act) => act.split(/[^\w]/)[0]));
    expect(methods.length).toBeGreaterThan(2);
    expect(methods.filter((method) => !measured.has(method))).toEqual([]);
  });

  it('does nothing for more than a fifth above the committed table', async () => {
    const table = parsePage(page, name);
    const { costs } = await measure();
    expect([...table.keys()]).toEqual(costs.map(({ act }) => act));
    const grown = costs.flatMap(({ act, instructions }) => {
      const now = Number(instructions) / 1e6;
      return now > table.get(act)! * growthMax + 0.01 ? [`${act}: ${table.get(act)} → ${now.toFixed(2)} M`] : [];
    });
    expect(grown, 'to accept it: npm run bench -- canisters --write').toEqual([]);
  }, 240_000);
});
