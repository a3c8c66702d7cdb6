// All steps of a deployment, in the order in which they need each other: money, compute, the registry, what it must know.
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { ok, type Result } from '@tamc/base/result';
import { bindLedger } from '@tamc/client';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { LedgerInitType } from '@tamc/protocol/ledger';
import { hexToPrincipal, type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { RegistryInitType } from '@tamc/protocol/registry-candid';
import { DeskInitType } from '@tamc/protocol/simulated-desk';
import { findRoot } from '../root.ts';
import { canisterSteps, type Deployer } from './canister-steps.ts';
import type { Configuration, OwnLedger } from './configuration.ts';
import { canisterCyclesFloor, registryCyclesFloor } from './configuration-limits.ts';
import { homeSteps, isHomeNamed } from './home-step.ts';
import { machineCodeSteps } from './machine-code-steps.ts';
import { buildModule, type Module } from './module.ts';
import { foreignLedgerStep, ledgerStep } from './registry-steps.ts';
import type { Step, StepProblem } from './steps.ts';
import { birthTermsStep, deskTermsStep, ledgerTermsStep } from './terms-steps.ts';

/** On the main network; the network's own and well known. */
const mintingCanister = { cmc: 'rkp4c-7iaaa-aaaaa-aaaca-cai', ledger: 'ryjl3-tyaaa-aaaaa-aaaba-cai' };

const names = ['ledger', 'simulated-desk', 'registry', 'machine'] as const;
export type Modules = Readonly<Record<(typeof names)[number], Module>>;

export async function buildModules(say: (text: string) => void): Promise<Result<Modules, StepProblem>> {
  const modules: Partial<Record<(typeof names)[number], Module>> = {};
  for (const name of names) {
    say(`building the ${name} …`);
    const built = await buildModule(join(findRoot(), 'canisters', name));
    if (!built.ok) return built;
    modules[name] = built.value;
  }
  return ok(modules as Modules);
}

export function deploymentSteps(
  deployer: Deployer,
  configuration: Configuration,
  modules: Modules,
  machineVersion: string,
): readonly Step[] {
  return [
    ...homeSteps(deployer, configuration),
    ...moneySteps(deployer, configuration, modules),
    ...canisterSteps(deployer, {
      name: 'registry',
      module: modules.registry,
      cycles: configuration.registryCycles,
      cyclesMin: registryCyclesFloor(configuration),
      argument: () => registryArgument(deployer, configuration),
    }),
    birthTermsStep(deployer, configuration, () => computeOf(deployer, configuration)),
    ...machineCodeSteps(deployer, machineVersion, modules.machine),
    ...ledgerSteps(deployer, configuration),
  ];
}

function moneySteps(deployer: Deployer, configuration: Configuration, modules: Modules): readonly Step[] {
  const { ownLedger, canisterCycles: cycles, registryCycles, cyclesPerUnit, named } = configuration;
  if (ownLedger === null) return [];
  const cyclesMin = canisterCyclesFloor;
  const argument = () => ledgerArgument(deployer.connection.self, ownLedger);
  const terms = { wanted: ownLedger, isNamed: named.includes('ownLedger'), module: modules.ledger, argument };
  const ledger = [
    ...canisterSteps(deployer, { name: 'ledger', module: modules.ledger, cycles, cyclesMin, argument }),
    ledgerTermsStep(deployer, terms),
  ];
  if (!hasDesk(configuration)) return ledger;
  const desk = canisterSteps(deployer, {
    name: 'simulated-desk',
    module: modules['simulated-desk'],
    cycles: registryCycles,
    cyclesMin,
    argument: () => deskArgument(idOf(deployer, 'ledger'), configuration),
  });
  const price = named.includes('cyclesPerUnit') ? [deskTermsStep(deployer, cyclesPerUnit)] : [];
  return [...ledger, ...desk, ...price];
}

function ledgerSteps(deployer: Deployer, configuration: Configuration): readonly Step[] {
  const { connection, remembered } = deployer;
  const { ownLedger, foreignLedgers } = configuration;
  const home = isHomeNamed(configuration) ? 'named' : 'first';
  const own = ledgerStep(deployer, 'ledger', home, async () => {
    const id = remembered.idOf('ledger');
    return id === null ? ok(null) : await bindLedger(connection, id).facts();
  });
  const foreign = foreignLedgers.map((id, i) =>
    foreignLedgerStep(deployer, id, ownLedger === null && i === 0 ? home : 'no'),
  );
  return ownLedger === null ? foreign : [own, ...foreign];
}

/** Cycles are bought from a desk of ours only where they cost nobody anything. */
function hasDesk({ kind, ownLedger }: Configuration): boolean {
  return ownLedger !== null && (kind === 'embedded' || kind === 'local');
}

/** Asked for only when an argument is needed: by then the earlier steps are done. */
function idOf({ remembered }: Deployer, name: string): PrincipalHex {
  const id = remembered.idOf(name);
  if (id === null) throw new Error(`${name} is not deployed yet, but is needed by what is`);
  return id;
}

function ledgerArgument(minter: PrincipalHex, { tokenName, symbol, decimals, fee }: OwnLedger): Uint8Array {
  const value = {
    token_name: tokenName,
    token_symbol: symbol,
    decimals: [decimals],
    transfer_fee: fee,
    minting_account: accountToCandid(accountOf(minter)),
    fee_collector_account: [],
    initial_balances: [],
    metadata: [],
    max_memo_length: [],
    transaction_window_seconds: [],
    permitted_drift_seconds: [],
  };
  return new Uint8Array(IDL.encode([LedgerInitType], [value]));
}

function deskArgument(ledger: PrincipalHex, { cyclesPerUnit }: Configuration): Uint8Array {
  const value = { ledger: hexToPrincipal(ledger), cycles_per_unit: cyclesPerUnit };
  return new Uint8Array(IDL.encode([DeskInitType], [value]));
}

function registryArgument(deployer: Deployer, configuration: Configuration): Uint8Array {
  const value = {
    governor: hexToPrincipal(deployer.connection.self),
    network: { [configuration.kind]: null },
    births_per_caller: configuration.birthsPerCaller,
    birth_cycles: configuration.birthCycles,
    compute: computeOf(deployer, configuration),
  };
  return new Uint8Array(IDL.encode([RegistryInitType], [value]));
}

function computeOf(deployer: Deployer, configuration: Configuration) {
  if (hasDesk(configuration)) return { simulated_desk: { desk: hexToPrincipal(idOf(deployer, 'simulated-desk')) } };
  if (configuration.kind !== 'main') return { none: null };
  const [cmc, ledger] = [mintingCanister.cmc, mintingCanister.ledger].map((text) =>
    hexToPrincipal(parsePrincipal(text)!),
  );
  return { minting_canister: { cmc, icp_ledger: ledger } };
}
