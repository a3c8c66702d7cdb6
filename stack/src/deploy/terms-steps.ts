// What is on a network already, held against a configuration: what can be changed is changed, what cannot is named before anything
// is done.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import {
  bindLedger,
  bindRegistry,
  bindService,
  bindSimulatedDesk,
  type CallError,
  type Connection,
  type Ledger,
  queryMethod,
  type RegistrySettingsReply,
  wordOf,
} from '@tamc/client';
import { GetBlocksArgsType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { candidToCompute } from '@tamc/protocol/registry-candid';
import type { Deployer } from './canister-steps.ts';
import type { Configuration, OwnLedger } from './configuration.ts';
import type { Module } from './module.ts';
import { openIfRejected } from './registry-steps.ts';
import type { Step, StepProblem } from './steps.ts';

type Compute = RegistrySettingsReply['compute'];

const notThere: StepProblem = { message: 'it does not answer', nextStep: 'Deploy again.' };

export interface LedgerTerms {
  readonly wanted: OwnLedger;
  /** Somebody wrote them down: a ledger that has others is a contradiction. */
  readonly isNamed: boolean;
  readonly module: Module;
  argument(): Uint8Array;
}

/** What a ledger is cannot be changed. One that nobody has used, after a mistake in a configuration, is begun anew. */
export function ledgerTermsStep({ connection, management, remembered }: Deployer, terms: LedgerTerms): Step {
  const { wanted, isNamed, module, argument } = terms;
  const isRegistered = () => isKnown(connection, remembered.idOf('registry'), remembered.idOf('ledger'));
  return {
    id: 'ledger/terms',
    text: 'see that the ledger is what the configuration says (one that nobody has used begins anew)',
    isDone: async () => {
      const id = remembered.idOf('ledger');
      if (id === null) return ok(false);
      const registered = await isRegistered();
      if (!registered.ok) return registered;
      if (registered.value && !isNamed) return ok(true);
      const ledger = bindLedger(connection, id);
      const found = await differences(ledger, wanted);
      if (!found.ok) return openIfRejected(found.error);
      if (found.value.length === 0) return ok(true);
      const used = registered.value ? ok(true) : await hasTransactions(connection, id);
      if (!used.ok) return used;
      return used.value ? refuse(fixed('the ledger', found.value, 'ownLedger')) : ok(false);
    },
    run: async () => {
      const id = remembered.idOf('ledger');
      return id === null ? refuse(notThere) : await management.install(id, 'reinstall', module.bytes, argument());
    },
  };
}

async function differences(ledger: Ledger, wanted: OwnLedger): Promise<Result<readonly string[], CallError>> {
  const [name, facts] = await Promise.all([ledger.methods.icrc1_name(), ledger.facts()]);
  if (!name.ok) return name;
  if (!facts.ok) return facts;
  const has = { tokenName: name.value, ...facts.value };
  const fields = ['tokenName', 'symbol', 'decimals', 'fee'] as const;
  const different = fields.filter((field) => has[field] !== wanted[field]);
  return ok(different.map((field) => `${field} ${has[field]} and not ${wanted[field]}`));
}

/** Without ranges it tells how many blocks there are. */
const blocksMethods = {
  icrc3_get_blocks: queryMethod<[{ start: bigint; length: bigint }[]], { log_length: bigint }>(
    [GetBlocksArgsType],
    IDL.Record({ log_length: IDL.Nat }),
  ),
};

async function hasTransactions(connection: Connection, id: PrincipalHex): Promise<Result<boolean, CallError>> {
  const blocks = await bindService(connection, id, blocksMethods).icrc3_get_blocks([]);
  return blocks.ok ? ok(blocks.value.log_length > 0n) : blocks;
}

async function isKnown(connection: Connection, registry: PrincipalHex | null, ledger: PrincipalHex | null) {
  if (registry === null || ledger === null) return ok(false);
  const known = await bindRegistry(connection, registry).ledgers();
  if (!known.ok) return openIfRejected(known.error);
  return ok(known.value.some((item) => item.ledger.id.toText() === hexToPrincipal(ledger).toText()));
}

/** Only where a configuration names it: the price of the desk is fixed when it begins. */
export function deskTermsStep({ connection, remembered }: Deployer, cyclesPerUnit: bigint): Step {
  return {
    id: 'simulated-desk/terms',
    text: 'see that the simulated desk has the price of the configuration',
    isDone: async () => {
      const id = remembered.idOf('simulated-desk');
      if (id === null) return ok(false);
      const price = await bindSimulatedDesk(connection, id).price();
      if (!price.ok) return openIfRejected(price.error);
      const { cycles_per_unit: has } = price.value;
      if (has === cyclesPerUnit) return ok(true);
      return refuse(fixed('the simulated desk', [`cyclesPerUnit ${has} and not ${cyclesPerUnit}`], 'cyclesPerUnit'));
    },
    run: async () => refuse(notThere),
  };
}

function fixed(what: string, differing: readonly string[], field: string): StepProblem {
  return {
    message: `${what} has ${differing.join(', ')}: that is fixed when it begins`,
    nextStep: `Leave "${field}" out of the configuration, or write there what ${what} has.`,
  };
}

/** What a configuration names is brought into force; what it leaves out stays as the governor set it. */
export function birthTermsStep(
  { connection, remembered }: Deployer,
  configuration: Configuration,
  computeWanted: () => Compute,
): Step {
  const registry = () => {
    const id = remembered.idOf('registry');
    return id === null ? null : bindRegistry(connection, id);
  };
  return {
    id: 'registry/terms',
    text: 'see that machines are born on the terms of the configuration',
    isDone: async () => {
      const settings = await registry()?.settings();
      if (settings === undefined) return ok(false);
      if (!settings.ok) return openIfRejected(settings.error);
      const network = wordOf(settings.value.network);
      if (network !== configuration.kind) return refuse(otherNetwork(network, configuration));
      // Where they buy cycles is not known yet while the desk is not there.
      if (bringsDesk(configuration) && remembered.idOf('simulated-desk') === null) return ok(false);
      return ok(areSame(termsOf(configuration, settings.value, computeWanted), settings.value));
    },
    run: async () => {
      const bound = registry();
      if (bound === null) return refuse(notThere);
      const settings = await bound.settings();
      if (!settings.ok) return settings;
      const set = await bound.set_birth_terms(termsOf(configuration, settings.value, computeWanted));
      return set.ok ? ok(undefined) : set;
    },
  };
}

function termsOf(configuration: Configuration, now: RegistrySettingsReply, computeWanted: () => Compute) {
  const { named, birthsPerCaller, birthCycles } = configuration;
  return {
    births_per_caller: named.includes('birthsPerCaller') ? birthsPerCaller : now.births_per_caller,
    birth_cycles: named.includes('birthCycles') ? birthCycles : now.birth_cycles,
    compute: isComputeNamed(configuration) ? computeWanted() : now.compute,
  };
}

type BirthTerms = ReturnType<typeof termsOf>;

function areSame(wanted: BirthTerms, now: BirthTerms): boolean {
  const compute = (terms: BirthTerms) => JSON.stringify(candidToCompute(terms.compute));
  return (
    wanted.births_per_caller === now.births_per_caller &&
    wanted.birth_cycles === now.birth_cycles &&
    compute(wanted) === compute(now)
  );
}

/** The desk sells for our own ledger: who names that one, names where machines buy cycles. */
function isComputeNamed({ kind, named }: Configuration): boolean {
  return named.includes('ownLedger') && (kind === 'embedded' || kind === 'local');
}

function bringsDesk(configuration: Configuration): boolean {
  return isComputeNamed(configuration) && configuration.ownLedger !== null;
}

function otherNetwork(network: string, { kind }: Configuration): StepProblem {
  return {
    message: `the registry was set up for a network of the kind "${network}", and this would be one of the kind "${kind}"`,
    nextStep: 'Give the same --network and the same --config as at first: what a registry is for cannot be changed.',
  };
}
