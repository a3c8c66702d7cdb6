// The registry's own Candid: what goes in and what comes out, and how it becomes the values that rules and tables use.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { parseHex } from '@tamc/base/bytes';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { type CandidComputeSource, ComputeSourceType, LedgerType } from './identity.ts';
import { hexToPrincipal, principalToHex } from './principal.ts';
import type {
  Birth,
  Code,
  ComputeOfMachines,
  RegisteredLedger,
  RegisteredMachine,
  RegistrySettings,
  Upgrade,
} from './registry.ts';

const Blob = IDL.Vec(IDL.Nat8);

export const NetworkType = IDL.Variant({
  embedded: IDL.Null,
  local: IDL.Null,
  main: IDL.Null,
  engine: IDL.Null,
});

export const RegistryInitType = IDL.Record({
  governor: IDL.Principal,
  network: NetworkType,
  /** How many machines anybody may order; 0: only who is allowed. */
  births_per_caller: IDL.Nat32,
  birth_cycles: IDL.Nat,
  compute: ComputeSourceType,
});

export interface RegistryInit {
  readonly governor: Principal;
  readonly network: Readonly<Partial<Record<RegistrySettings['network'], null>>>;
  readonly births_per_caller: number;
  readonly birth_cycles: bigint;
  readonly compute: CandidComputeSource;
}

export const SettingsType = IDL.Record({
  governor: IDL.Principal,
  governance_offered_to: IDL.Opt(IDL.Principal),
  network: NetworkType,
  births_per_caller: IDL.Nat32,
  birth_cycles: IDL.Nat,
  compute: ComputeSourceType,
  home_ledger: IDL.Opt(IDL.Principal),
  machines: IDL.Nat32,
  births: IDL.Nat32,
  upgrades: IDL.Nat32,
  cycles: IDL.Nat,
});

export const BirthTermsType = IDL.Record({
  births_per_caller: IDL.Nat32,
  birth_cycles: IDL.Nat,
  compute: ComputeSourceType,
});

export const CodeArgsType = IDL.Record({
  kind: IDL.Text,
  version: IDL.Text,
  module_hash: Blob,
  chunk_hashes: IDL.Vec(Blob),
  candid: IDL.Text,
  layout: IDL.Text,
});

export interface CandidCodeArgs {
  readonly kind: string;
  readonly version: string;
  readonly module_hash: Uint8Array | number[];
  readonly chunk_hashes: readonly (Uint8Array | number[])[];
  readonly candid: string;
  readonly layout: string;
}

export const CodeType = IDL.Record({
  kind: IDL.Text,
  version: IDL.Text,
  module_hash: Blob,
  chunk_hashes: IDL.Vec(Blob),
  standing: IDL.Variant({ checking: IDL.Null, approved: IDL.Null, refused: IDL.Null, retired: IDL.Null }),
  problem: IDL.Opt(IDL.Text),
  time_ns: IDL.Nat64,
});

export const CodeTextsType = IDL.Record({ candid: IDL.Text, layout: IDL.Text });

export const LedgerArgsType = IDL.Record({
  id: IDL.Principal,
  symbol: IDL.Text,
  decimals: IDL.Nat8,
  fee: IDL.Nat,
  home: IDL.Bool,
});

export interface CandidLedgerArgs {
  readonly id: Principal;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
  readonly home: boolean;
}

export const RegisteredLedgerType = IDL.Record({ ledger: LedgerType, home: IDL.Bool, retired: IDL.Bool });

/** What a machine is born with, and takes over again later. */
export const MoneyTermsType = IDL.Record({
  ledgers: IDL.Vec(LedgerType),
  home_ledger: IDL.Opt(IDL.Principal),
  compute: ComputeSourceType,
});

export const BirthArgsType = IDL.Record({
  operator: IDL.Opt(IDL.Principal),
  kind: IDL.Text,
  make: IDL.Text,
  model: IDL.Text,
  place: IDL.Text,
  thing: IDL.Text,
  charter: IDL.Text,
});

export interface CandidBirthArgs {
  readonly operator: [] | [Principal];
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly thing: string;
  readonly charter: string;
}

export const BearType = IDL.Record({
  command_id: IDL.Text,
  module_hash: IDL.Opt(Blob),
  births: IDL.Vec(BirthArgsType),
});

export interface CandidBear {
  readonly command_id: string;
  readonly module_hash: [] | [Uint8Array | number[]];
  readonly births: readonly CandidBirthArgs[];
}

/** Births are numbered one after the other. */
export const BirthsOrderedType = IDL.Record({ first: IDL.Nat32, count: IDL.Nat32 });

export const BirthType = IDL.Record({
  birth: IDL.Nat32,
  step: IDL.Variant({
    creating: IDL.Null,
    installing: IDL.Null,
    looking: IDL.Null,
    handing: IDL.Null,
    born: IDL.Null,
  }),
  canister: IDL.Opt(IDL.Principal),
  problem: IDL.Opt(IDL.Text),
  /** While a step is tried again: why it failed last. */
  last_reject: IDL.Opt(IDL.Text),
  is_unknown: IDL.Bool,
  by: IDL.Principal,
  operator: IDL.Principal,
  kind: IDL.Text,
  module_hash: Blob,
  started_ns: IDL.Nat64,
  changed_ns: IDL.Nat64,
});

export const MachineType = IDL.Record({
  canister: IDL.Principal,
  operator: IDL.Principal,
  kind: IDL.Text,
  make: IDL.Text,
  model: IDL.Text,
  place: IDL.Text,
  parent: IDL.Opt(IDL.Principal),
  generation: IDL.Nat32,
  module_hash: Blob,
  birth: IDL.Nat32,
  born_ns: IDL.Nat64,
  upgrade: IDL.Opt(IDL.Nat32),
});

/** `birth` tells where to go on. */
export const MachineOfType = IDL.Record({ birth: IDL.Nat32, canister: IDL.Principal });

export const UpgradeType = IDL.Record({
  upgrade: IDL.Nat32,
  machine: IDL.Principal,
  by: IDL.Principal,
  from_hash: Blob,
  to_hash: Blob,
  step: IDL.Text,
  /** Null while it runs. */
  outcome: IDL.Opt(IDL.Variant({ upgraded: IDL.Null, refused: IDL.Null, failed: IDL.Null })),
  code: IDL.Text,
  problem: IDL.Text,
  is_stalled: IDL.Bool,
  started_ns: IDL.Nat64,
  changed_ns: IDL.Nat64,
});

/** A page of a numbered list: `next` is where to go on, and the end when nothing follows. */
export function PageType<T>(item: IDL.Type<T>) {
  return IDL.Record({ items: IDL.Vec(item), next: IDL.Nat32, end: IDL.Nat32 });
}

type Bytes = Uint8Array | readonly number[];

export function bytesToHash(bytes: Bytes): string {
  return bytesToHexQuickly(bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes));
}

export function candidToCompute(compute: CandidComputeSource): ComputeOfMachines {
  if ('simulated_desk' in compute) return { kind: 'simulatedDesk', desk: principalToHex(compute.simulated_desk.desk) };
  if ('minting_canister' in compute) {
    const { cmc, icp_ledger } = compute.minting_canister;
    return { kind: 'mintingCanister', cmc: principalToHex(cmc), icpLedger: principalToHex(icp_ledger) };
  }
  return { kind: 'none' };
}

export function computeToCandid(compute: ComputeOfMachines): CandidComputeSource {
  if (compute.kind === 'none') return { none: null };
  if (compute.kind === 'simulatedDesk') return { simulated_desk: { desk: hexToPrincipal(compute.desk) } };
  return { minting_canister: { cmc: hexToPrincipal(compute.cmc), icp_ledger: hexToPrincipal(compute.icpLedger) } };
}

export function candidToSettings(init: RegistryInit): RegistrySettings {
  const network = (['local', 'main', 'engine'] as const).find((kind) => kind in init.network) ?? 'embedded';
  return {
    governor: principalToHex(init.governor),
    governanceOfferedTo: null,
    network,
    birthsPerCaller: init.births_per_caller,
    birthCycles: init.birth_cycles,
    compute: candidToCompute(init.compute),
    homeLedger: null,
  };
}

const optional = <T, U>(value: T | null, toCandid: (value: T) => U): [] | [U] =>
  value === null ? [] : [toCandid(value)];
const hashToBytes = (hash: string) => parseHex(hash)!;

export function settingsToCandid(settings: RegistrySettings) {
  return {
    governor: hexToPrincipal(settings.governor),
    governance_offered_to: optional(settings.governanceOfferedTo, hexToPrincipal),
    network: { [settings.network]: null },
    births_per_caller: settings.birthsPerCaller,
    birth_cycles: settings.birthCycles,
    compute: computeToCandid(settings.compute),
    home_ledger: optional(settings.homeLedger, hexToPrincipal),
  };
}

export function codeToCandid({ kind, version, moduleHash, chunkHashes, standing, problem, timeNs }: Code) {
  return {
    kind,
    version,
    module_hash: hashToBytes(moduleHash),
    chunk_hashes: chunkHashes.map(hashToBytes),
    standing: { [standing]: null },
    problem: optional(problem, (text) => text),
    time_ns: timeNs,
  };
}

export function ledgerToCandid({ id, symbol, decimals, fee, isRetired }: RegisteredLedger, isHome: boolean) {
  return { ledger: { id: hexToPrincipal(id), symbol, decimals, fee }, home: isHome, retired: isRetired };
}

export function birthToCandid(number: number, birth: Birth, lastReject: string | null) {
  return {
    birth: number,
    step: { [birth.step]: null },
    canister: optional(birth.canister, hexToPrincipal),
    problem: optional(birth.problem, (text) => text),
    last_reject: optional(lastReject, (text) => text),
    is_unknown: birth.isUnknown,
    by: hexToPrincipal(birth.by),
    operator: hexToPrincipal(birth.operator),
    kind: birth.machineKind,
    module_hash: hashToBytes(birth.moduleHash),
    started_ns: birth.startedNs,
    changed_ns: birth.changedNs,
  };
}

export function machineToCandid(machine: RegisteredMachine) {
  const { make, model, place, generation, birth } = machine;
  return {
    canister: hexToPrincipal(machine.canister),
    operator: hexToPrincipal(machine.operator),
    kind: machine.machineKind,
    make,
    model,
    place,
    parent: optional(machine.parent, hexToPrincipal),
    generation,
    module_hash: hashToBytes(machine.moduleHash),
    birth,
    born_ns: machine.bornNs,
    upgrade: optional(machine.upgrade, (number) => number),
  };
}

export function upgradeToCandid(number: number, upgrade: Upgrade, isLapsed: boolean) {
  const refused = { refused: null };
  return {
    upgrade: number,
    machine: hexToPrincipal(upgrade.machine),
    by: hexToPrincipal(upgrade.by),
    from_hash: hashToBytes(upgrade.fromHash),
    to_hash: hashToBytes(upgrade.toHash),
    step: upgrade.step,
    outcome: isLapsed ? [refused] : optional(upgrade.outcome, (word) => ({ [word]: null })),
    code: isLapsed ? 'UpgradeTooLate' : upgrade.code,
    problem: isLapsed ? 'the machine did not answer in time' : upgrade.problem,
    is_stalled: upgrade.isStalled,
    started_ns: upgrade.startedNs,
    changed_ns: upgrade.changedNs,
  };
}
