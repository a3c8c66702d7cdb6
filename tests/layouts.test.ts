// Every canister that is deployed tells in its module what it keeps in stable memory. Without it no upgrade could be held against what
// lies there: one that loses data would pass as `deploy` sees it, and the registry would refuse every one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildCanister } from '@tamc/stack';
import { describe, expect, it } from 'vitest';
import { layoutProblems, parseLayout } from '../canisters/shared/tables/layout-text.ts';
import { root } from './program.ts';

const folder = join(root, 'canisters');
const names = readdirSync(folder).filter((name) => name !== 'shared');

describe.each(names)('the module of the %s', (name) => {
  it('tells the layout of its tables', async () => {
    const built = await buildCanister(join(folder, name));
    if (!built.ok) throw new Error(JSON.stringify(built.error));
    const layout = parseLayout(built.value.layout ?? '');
    if (!layout.ok) throw new Error(layout.error);
    expect(layout.value.length).toBeGreaterThan(0);
    const [lost] = layout.value;
    expect(layoutProblems(layout.value, layout.value.slice(1))).toEqual([expect.stringContaining(lost!.name)]);
    expect(layoutProblems(layout.value, layout.value)).toEqual([]);
  });

  it.skipIf(name === 'ledger')('tells the form of its events, which its history is read by', async () => {
    const built = await buildCanister(join(folder, name));
    if (!built.ok) throw new Error(JSON.stringify(built.error));
    const text = built.value.layout ?? '';
    const [before, after] = [
      parseLayout(text),
      parseLayout(text.replace(/"kind":"(\w+)(Opened|Born)"/, '"kind":"$1Else"')),
    ];
    if (!before.ok || !after.ok) throw new Error('no layout');
    expect(layoutProblems(before.value, after.value)).toEqual([
      expect.stringMatching(/table event_log: field \w+(Opened|Born): kind removed/),
    ]);
  });
});
