// Every table of methods in the client is what the canister's committed interface says: same arguments, same answers, same kind.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { parseCandid } from '@tamc/protocol/candid-text';
import { describe, expect, it } from 'vitest';
import { ledgerMethods } from '../client/src/ledger.ts';
import { machineMethods } from '../client/src/machine.ts';
import { registryMethods } from '../client/src/registry.ts';
import { simulatedDeskMethods } from '../client/src/simulated-desk.ts';
import { root } from './program.ts';

const tables = {
  ledger: ledgerMethods,
  machine: machineMethods,
  registry: registryMethods,
  'simulated-desk': simulatedDeskMethods,
};

function interfaceOf(text: string) {
  const parsed = parseCandid(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe.each(Object.entries(tables))('the methods of the %s in the client', (name, methods) => {
  const committed = interfaceOf(readFileSync(join(root, 'canisters', name, `${name}.did`), 'utf8'));
  const functions = Object.fromEntries(Object.entries(methods).map(([method, { type }]) => [method, type]));
  const used = interfaceOf(
    `service : ${IDL.Service(functions)
      .display()
      .replace(/^service\s*/, '')}`,
  );

  it('are answered by the canister in every way', () => {
    expect(used.methods.size).toBe(Object.keys(methods).length);
    expect(findCandidProblems(used, committed).map(renderCandidProblem)).toEqual([]);
  });

  it('leave out nothing of what it answers', () => {
    const same = { ...committed, methods: new Map([...committed.methods].filter(([method]) => method in methods)) };
    expect(findCandidProblems(same, used).map(renderCandidProblem)).toEqual([]);
  });
});
