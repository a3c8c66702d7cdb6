// For tests: a registry in Node, with a governor, a home ledger and approved modules, and who calls it.
import { IDL } from '@dfinity/candid';
import { parseHex } from '@tamc/base/bytes';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { RegistrySettings } from '@tamc/protocol/registry';
import { openCanister, type Rule } from '@tamc/shared/canister';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { createMemoryStore } from '@tamc/shared/tables/index';
import type { BirthArgs, BirthOrder } from './births.ts';
import { orderBirths } from './births.ts';
import { approveCode, type CodeArgs } from './code.ts';
import { registryDefinition } from './definition.ts';
import { openRegistry } from './governance.ts';
import { addLedger } from './ledgers.ts';
import type { RegistryTables } from './state.ts';

const canister = (number: number) => `${number.toString(16).padStart(16, '0')}0101` as PrincipalHex;
const person = (number: number) => `${number.toString(16).padStart(2, '0').repeat(28)}02` as PrincipalHex;

export const self = canister(7);
export const governor = person(1);
export const operator = person(2);
export const stranger = person(3);
export const ledger = canister(9);
export const foreignLedger = canister(2 ** 24);
export const firstHash = '11'.repeat(32);
export const secondHash = '22'.repeat(32);
export const chunk = 'cc'.repeat(32);
export const startNs = 1_700_000_000_000_000_000n;

export const openSettings: RegistrySettings = {
  governor,
  governanceOfferedTo: null,
  network: 'embedded',
  birthsPerCaller: 100,
  birthCycles: 10n ** 12n,
  compute: { kind: 'none' },
  homeLedger: null,
};

const table = (field: string) => ({
  number: 1,
  name: 'notes',
  kind: 'table',
  key: 'text',
  value: { record: [{ name: field, shape: 'text', isAdded: false }] },
});

export const layoutWith = (field: string) => JSON.stringify([table(field)]);
export const candidWith = (memo: string) => `service : { pay : (record { amount : nat; ${memo} }) -> (bool) }`;

export function codeOf(moduleHash: string, changes: Partial<CodeArgs> = {}): CodeArgs {
  const texts = { candid: candidWith(''), layout: layoutWith('by') };
  return { codeKind: 'machine', version: '1', moduleHash, chunkHashes: [chunk], ...texts, ...changes };
}

const thing = JSON.stringify({ '@context': 'https://www.w3.org/2022/wot/td/v1.1', title: 'Washer', actions: {} });

export const birthOf = (changes: Partial<BirthArgs> = {}): BirthArgs => ({
  operator: null,
  machineKind: 'washer',
  make: 'Acme',
  model: 'W1',
  place: 'u281z',
  thing,
  charter: 'Wash well.',
  ...changes,
});

export const orderOf = (count: number, changes: Partial<BirthOrder> = {}): BirthOrder => ({
  moduleHash: null,
  births: Array.from({ length: count }, () => birthOf()),
  cyclesAvailable: 10n ** 15n,
  ...changes,
});

export interface Call {
  readonly id: string;
  readonly callee: PrincipalHex;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly cycles: bigint;
  readonly isRepeatable: boolean;
  readonly attemptsMax: number;
}

export function createTestRegistry(settings: RegistrySettings = openSettings) {
  const store = createMemoryStore();
  const opened = openCanister(registryDefinition, store);
  const { tables } = opened;
  let nowNs = startNs;
  const contextOf = (caller: PrincipalHex): Context => ({ self, caller, nowNs });
  type AnyRule<C, R> = Rule<RegistryTables, C, Parameters<typeof registryDefinition.apply>[1], R>;

  /** The reply, or the code of the refusal. A refusal must leave everything as it was. */
  function act<C, R>(caller: PrincipalHex, rule: AnyRule<C, R>, command: C): { reply: R } | { refused: string } {
    const before = [...store.entries()].length;
    const events = opened.log.next();
    const done = opened.update(contextOf(caller), rule, command);
    if (done.ok) return { reply: done.value.reply };
    if (opened.log.next() !== events || [...store.entries()].length !== before)
      throw new Error('a refusal changed the state');
    return { refused: done.error.code };
  }

  const registry = {
    tables,
    store,
    log: opened.log,
    act,
    pass: (durationNs: bigint) => {
      nowNs += durationNs;
    },
    /** What waits to be sent, in no promised order. */
    calls: (): readonly Call[] =>
      tables.outboxDue.keys({ limit: 1000 }).map(([, id]) => ({ id, ...tables.outbox.get(id)! })),
    answer: (id: string, outcome: CallOutcome) => {
      const taken = opened.takeOutcome(contextOf(self), id, outcome);
      if (!taken.ok) throw taken.error;
    },
    reply: (id: string, type: IDL.Type | null, value: unknown = null) => registry.answer(id, replyOf(type, value)),
  };
  const first = act(self, openRegistry, settings);
  if ('refused' in first) throw new Error(first.refused);
  return registry;
}

export function replyOf(type: IDL.Type | null, value: unknown = null): CallOutcome {
  const bytes = type === null ? IDL.encode([], []) : IDL.encode([type], [value]);
  return { kind: 'replied', bytes: new Uint8Array(bytes) };
}

export const rejected = (message = 'no', code = 4): CallOutcome => ({ kind: 'rejected', code, message });
export const unknown: CallOutcome = { kind: 'unknown' };

export const ChunksType = IDL.Vec(IDL.Record({ hash: IDL.Vec(IDL.Nat8) }));
export const storedChunks = (...hashes: string[]) => hashes.map((hash) => ({ hash: parseHex(hash)! }));

export type TestRegistry = ReturnType<typeof createTestRegistry>;

/** With a home ledger and the first module approved. */
export function createReadyRegistry(settings: RegistrySettings = openSettings): TestRegistry {
  const registry = createTestRegistry(settings);
  registry.act(governor, addLedger, { id: ledger, symbol: 'ICP', decimals: 8, fee: 10n, isHome: true });
  approve(registry, codeOf(firstHash));
  return registry;
}

export function approve(registry: TestRegistry, code: CodeArgs): void {
  registry.act(governor, approveCode, code);
  const [call] = registry.calls().filter(({ method }) => method === 'stored_chunks');
  registry.reply(call!.id, ChunksType, storedChunks(chunk));
}

export function order(registry: TestRegistry, count: number, moduleHash: string | null = null): void {
  const ordered = registry.act(operator, orderBirths, orderOf(count, { moduleHash }));
  if ('refused' in ordered) throw new Error(ordered.refused);
}
