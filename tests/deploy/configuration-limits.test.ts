// A configuration that is taken is one that our canisters take, on every kind of network: held against their own rules, so that
// nothing is created and paid for a configuration that ends in a trap.
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { registryLimits } from '@tamc/protocol/registry';
import { deskLimits } from '@tamc/protocol/simulated-desk';
import { openCanister } from '@tamc/shared/canister';
import { parseBeginning } from '@tamc/shared/icrc/begin';
import { createMemoryStore } from '@tamc/shared/tables/index';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addLedger } from '../../canisters/registry/ledgers.ts';
import { createTestRegistry, governor, ledger, openSettings } from '../../canisters/registry/test-registry.ts';
import { deskDefinition } from '../../canisters/simulated-desk/desk.ts';
import { openDesk } from '../../canisters/simulated-desk/rules.ts';
import {
  type Configuration,
  defaultConfiguration,
  type OwnLedger,
  parseConfiguration,
} from '../../stack/src/deploy/configuration.ts';
import { canisterCyclesMin, ledgerFeeMax } from '../../stack/src/deploy/configuration-limits.ts';

const kinds = ['embedded', 'local', 'main'] as const;
type Kind = (typeof kinds)[number];

/** What each canister says to it, at its installation and afterwards. */
function deployAll(configuration: Configuration): void {
  const { kind, birthsPerCaller, birthCycles, cyclesPerUnit, ownLedger } = configuration;
  // Throws the refusal.
  const registry = createTestRegistry({ ...openSettings, network: kind, birthsPerCaller, birthCycles });
  const desk = openCanister(deskDefinition, createMemoryStore());
  const context = { self: ledger, caller: governor, nowNs: 1n };
  const price = { ledger: hexToPrincipal(ledger), cycles_per_unit: cyclesPerUnit };
  expect(desk.update(context, openDesk, price)).toMatchObject({ ok: true });
  if (ownLedger === null) return;
  expect(parseBeginning(initOf(ownLedger))).toMatchObject({ ok: true });
  const { symbol, decimals, fee } = ownLedger;
  const added = registry.act(governor, addLedger, { id: ledger, symbol, decimals, fee, isHome: true });
  expect(added).toEqual({ reply: null });
}

function initOf({ tokenName, symbol, decimals, fee }: OwnLedger) {
  return {
    token_name: tokenName,
    token_symbol: symbol,
    decimals: [decimals] as [number],
    transfer_fee: fee,
    minting_account: accountToCandid(accountOf(governor)),
    fee_collector_account: [] as [],
    initial_balances: [],
    metadata: [],
    max_memo_length: [] as [],
    transaction_window_seconds: [] as [],
    permitted_drift_seconds: [] as [],
  };
}

const around = (...edges: readonly bigint[]) =>
  fc.oneof(
    fc.constantFrom(...edges.flatMap((edge) => [edge - 1n, edge, edge + 1n]).filter((value) => value >= 0n)),
    fc.bigInt({ min: edges[0]!, max: edges.at(-1)! }),
  );
const { birthCyclesMin, birthCyclesMax, machinesMax, decimalsMax, symbolCharsMax } = registryLimits;
const asText = (amounts: fc.Arbitrary<bigint>) => amounts.map(String);
const name = (charsMax: number) =>
  fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    fc.constantFrom('Lisbon', 'LSC', 'a\nb', '', ' ', 'x'.repeat(charsMax), 'x'.repeat(charsMax + 1)),
  );
const fields = fc.record(
  {
    engine: fc.boolean(),
    ownLedger: fc.record({
      tokenName: name(64),
      symbol: name(symbolCharsMax),
      decimals: fc.constantFrom(-1, 0, 1.5, 6, decimalsMax, decimalsMax + 1),
      fee: asText(around(0n, ledgerFeeMax)),
    }),
    canisterCycles: asText(around(canisterCyclesMin, 10n * canisterCyclesMin)),
    birthCycles: asText(around(birthCyclesMin, birthCyclesMax)),
    birthsPerCaller: fc.constantFrom(0, 1, machinesMax, machinesMax + 1),
    cyclesPerUnit: asText(around(1n, deskLimits.priceMax)),
  },
  { requiredKeys: [] },
);

it('what is taken can be deployed, and what cannot is refused with a sentence', () => {
  let taken = 0;
  fc.assert(
    fc.property(fields, fc.constantFrom<Kind>(...kinds), (given, kind) => {
      const parsed = parseConfiguration(JSON.stringify(given), kind);
      if (parsed.ok) {
        taken++;
        deployAll(parsed.value);
      } else expect(parsed.error).toMatch(/^it(s field "| )/);
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(50);
});

const ownLedger = { tokenName: 'x', symbol: 'X', decimals: 6, fee: '1' };
const textOf = (id: PrincipalHex) => hexToPrincipal(id).toText();

it.each<readonly [object, Kind, string]>([
  [{ canisterCycles: '1' }, 'local', '"canisterCycles" is 1, and has to be from 850000000000'],
  [{ birthCycles: '1' }, 'local', '"birthCycles" is 1'],
  // Its own reserve and one birth would not fit.
  [{ registryCycles: '400000000000' }, 'local', '"registryCycles" is 400000000000, and has to be from 4350000000000'],
  [{ birthsPerCaller: 1_000_000 }, 'local', '"birthsPerCaller" is 1000000'],
  [{ birthsPerCaller: 1 }, 'main', 'operators are allowed one by one'],
  [{ cyclesPerUnit: '0' }, 'local', '"cyclesPerUnit" is 0'],
  [{ ownLedger: { ...ownLedger, decimals: 24 } }, 'local', 'decimals that is not a whole number from 0 to 18'],
  [{ ownLedger: { ...ownLedger, tokenName: '' } }, 'local', 'tokenName that is not 1 to 64 printable'],
  [{ ownLedger: { ...ownLedger, symbol: 'TOO LONG A SYMBOL' } }, 'local', 'symbol that is not 1 to 16 printable'],
  [{ engine: true, registryCycles: '1' }, 'main', 'an engine has none: leave it out'],
  [{ foreignLedgers: ['aaaaa-aa'] }, 'main', 'aaaaa-aa, which is not the id of a ledger'],
  [{ foreignLedgers: [textOf(governor)] }, 'main', 'is not the id of a ledger'],
  [{ foreignLedgers: [textOf(ledger), textOf(ledger)] }, 'main', 'names a ledger twice'],
])('%j is refused before anything is created', (given, kind, reason) => {
  const parsed = parseConfiguration(JSON.stringify(given), kind);
  expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
});

it('the defaults are within the limits', () => {
  for (const kind of kinds) {
    expect(parseConfiguration('{}', kind)).toEqual({ ok: true, value: defaultConfiguration(kind) });
    expect(parseConfiguration('{"engine":true}', kind)).toEqual({ ok: true, value: defaultConfiguration('engine') });
  }
});
