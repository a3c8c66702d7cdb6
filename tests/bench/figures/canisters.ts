// What each canister of ours costs: sizes, instructions, cycles, and from them a month of a machine on the main network.
// `npm run bench -- canisters --write` writes the table that is committed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { measureDesk } from '../canister-costs/desk-acts.ts';
import { measureLedger } from '../canister-costs/ledger-acts.ts';
import { measureMachine } from '../canister-costs/machine-acts.ts';
import { monthOf } from '../canister-costs/month.ts';
import { renderPage } from '../canister-costs/page.ts';
import { measureRegistry } from '../canister-costs/registry-acts.ts';
import { type Benchmark, createFigure } from '../figure.ts';

const page = 'docs/reference/canister-costs.md';

export const canisters: Benchmark = {
  name: 'canisters',
  about: 'size, instructions and cycles of the ledger, the machine, the registry and the simulated desk',
  run: async (say) => {
    say('the ledger');
    const ledger = await measureLedger();
    say('the machine');
    const machine = await measureMachine();
    say('the registry');
    const registry = await measureRegistry();
    say('the simulated desk');
    const desk = await measureDesk();
    const month = monthOf(machine.costs, machine.memory);
    if (process.argv.includes('--write')) {
      mkdirSync(dirname(resolve(page)), { recursive: true });
      writeFileSync(resolve(page), renderPage([ledger, machine, registry, desk], month));
      say(`written to ${page}`);
    }
    const sizes = [ledger, machine, registry, desk].map(({ canister, memory }) =>
      createFigure(`Wasm of the ${canister}`, 'MiB', memory.wasmBytes / 2 ** 20, null, null),
    );
    return [...sizes, createFigure('a machine for a month on the main network', 'dollars', month.dollars, null, null)];
  },
};
