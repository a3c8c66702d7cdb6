// Which machines, ledgers and code exist, births and upgrades: limits, what is kept, events, refusals. The registry creates every
// machine and replaces its code only on the machine's own decision.
import { added, choice, count, flag, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { mandateTerms } from './mandate.ts';
import { principal, timeNs } from './principal-codec.ts';

export const registryLimits = {
  /** One act, and one message of at most 2 MiB with two texts of 16 KiB each. */
  birthsPerBatchMax: 50,
  /** Of texts that differ, each hashed and logged at some 40,000 instructions a character: a quarter of what a message may take. */
  textCharsPerBatchMax: 262_144,
  /** Canisters that a subnet holds. */
  machinesMax: 100_000,
  /** Modules are shown in one answer; decades of releases. */
  codesMax: 200,
  /** A module of 100 MiB in chunks of 1 MiB. */
  chunksMax: 100,
  /** A canister's own interface, as text; far above the largest known one of ours. */
  candidCharsMax: 262_144,
  layoutCharsMax: 262_144,
  versionCharsMax: 64,
  codeKindCharsMax: 32,
  /** A machine keeps an account on each of them. */
  ledgersMax: 16,
  /** Of one operator: each is one assistant or one person who brings machines to life for it; ten kilobytes at most. */
  standingMandatesMax: 16,
  symbolCharsMax: 16,
  decimalsMax: 18,
  pageMax: 200,
  /** What is kept back for the registry's own work: months of it. */
  ownCycles: 500_000_000_000n,
  /**
   * On a subnet of 13 nodes: 500 billion to create a canister, 300 billion that the network sets aside for the most that an install
   * may execute (a machine takes 2.5 billion of them, the rest stays its own), 27 billion below which it would freeze. With 800
   * billion a machine was not installed, with 801 it was. Larger subnets cost more, which only their rejects tell.
   */
  birthCyclesMin: 850_000_000_000n,
  /** A quadrillion cycles is a lifetime; numbers above are a mistake of units. */
  birthCyclesMax: 1_000_000_000_000_000n,
  /** A machine that does not answer keeps nobody waiting: before it is stopped an upgrade lapses after this. */
  upgradeLapseNs: 600_000_000_000n,
  /** Longer than the five minutes after which the network gives a stop up. */
  stopPatienceNs: 330_000_000_000n,
  /** Strangers who ask again and again for an upgrade that fails stop a machine for seconds in an hour. */
  failedPauseNs: 3_600_000_000_000n,
  /** Newest ones that can be looked at: some 4 MB. */
  upgradesKeptMax: 10_000,
  /** Problems named in one refusal; the first ones are what one corrects first. */
  problemsShownMax: 5,
} as const;

/** Embedded: in one process, for play and tests. Local: a network one runs oneself. Main: the Internet Computer. Engine: a Cloud Engine. */
export const network = choice('embedded', 'local', 'main', 'engine');
export type Network = ValueOf<typeof network>;

export const computeOfMachines = variant({
  none: record({}),
  simulatedDesk: record({ desk: principal }),
  mintingCanister: record({ cmc: principal, icpLedger: principal }),
});
export type ComputeOfMachines = ValueOf<typeof computeOfMachines>;

/** `perCaller`: how many anybody may order without being allowed; zero: only those who are allowed. */
export const registrySettings = record({
  governor: principal,
  governanceOfferedTo: optional(principal),
  network,
  birthsPerCaller: count,
  birthCycles: nat,
  compute: computeOfMachines,
  homeLedger: optional(principal),
});
export type RegistrySettings = ValueOf<typeof registrySettings>;

export const code = record({
  kind: text,
  version: text,
  moduleHash: text,
  chunkHashes: list(text),
  standing: choice('checking', 'approved', 'refused', 'retired'),
  timeNs,
  problem: optional(text),
  /** How often its chunks were looked for. */
  calls: count,
});
export type Code = ValueOf<typeof code>;

/** Why machines do not go from one module to another. */
export const codeFault = record({ code: choice('UpgradeWouldLose', 'UpgradeWouldBreak'), problems: text });
export type CodeFault = ValueOf<typeof codeFault>;

export const registeredLedger = record({
  id: principal,
  symbol: text,
  decimals: count,
  fee: nat,
  isRetired: flag,
});
export type RegisteredLedger = ValueOf<typeof registeredLedger>;

export const registeredMachine = record({
  canister: principal,
  /** As the machine told last: at its birth, and at every hand-over. The machine itself decides whom it obeys. */
  operator: principal,
  machineKind: text,
  make: text,
  model: text,
  place: text,
  parent: optional(principal),
  generation: count,
  moduleHash: text,
  birth: count,
  bornNs: timeNs,
  /** The newest one, whether it runs or is over. */
  upgrade: optional(count),
  /** The newest hand-over that it told. */
  handovers: added(count, 0),
});
export type RegisteredMachine = ValueOf<typeof registeredMachine>;

export const birthStep = choice('creating', 'installing', 'looking', 'handing', 'born');
export type BirthStep = ValueOf<typeof birthStep>;

const birthPlan = {
  by: principal,
  operator: principal,
  machineKind: text,
  make: text,
  model: text,
  place: text,
  parent: optional(principal),
  generation: count,
  /** Hashes of the texts: a fleet shares them. */
  thingHash: text,
  charterHash: text,
  moduleHash: text,
  cycles: nat,
};

export const birth = record({
  ...birthPlan,
  step: birthStep,
  canister: optional(principal),
  /** Why it stands still; null while it goes on. */
  problem: optional(text),
  /** Nobody knows whether the canister was created. */
  isUnknown: flag,
  calls: count,
  startedNs: timeNs,
  changedNs: timeNs,
  /** Told by a machine that is not registered yet. */
  handovers: added(count, 0),
});
export type Birth = ValueOf<typeof birth>;

export const upgradeStep = choice(
  'asking',
  'reading',
  'preparing',
  'stopping',
  'checking',
  'installing',
  'looking',
  'starting',
  'over',
);
export type UpgradeStep = ValueOf<typeof upgradeStep>;

export const upgrade = record({
  machine: principal,
  by: principal,
  fromHash: text,
  toHash: text,
  step: upgradeStep,
  /** `refused`: before anything was touched. `failed`: the old code runs again. */
  outcome: optional(choice('upgraded', 'refused', 'failed')),
  isInstalled: flag,
  code: text,
  problem: text,
  /** The machine could not be started; somebody must ask again. */
  isStalled: flag,
  calls: count,
  startedNs: timeNs,
  changedNs: timeNs,
});
export type Upgrade = ValueOf<typeof upgrade>;

export const registryEvents = {
  RegistryOpened: record({ settings: registrySettings }),
  GovernanceOffered: record({ to: optional(principal) }),
  GovernanceAccepted: record({ governor: principal }),
  BirthTermsSet: record({ birthsPerCaller: count, birthCycles: nat, compute: computeOfMachines }),
  OperatorAllowed: record({ operator: principal, births: count }),
  StandingMandateSet: record({ operator: principal, delegate: principal, terms: mandateTerms }),
  StandingMandateRevoked: record({ operator: principal, delegate: principal }),
  CodeProposed: record({
    codeKind: text,
    version: text,
    moduleHash: text,
    chunkHashes: list(text),
    candid: text,
    layout: text,
  }),
  CodeApproved: record({ moduleHash: text }),
  CodeRefused: record({ moduleHash: text, problem: text }),
  CodeRetired: record({ moduleHash: text }),
  CodesCompared: record({ fromHash: text, toHash: text, fault: optional(codeFault) }),
  LedgerAdded: record({ id: principal, symbol: text, decimals: count, fee: nat, isHome: flag }),
  LedgerRetired: record({ id: principal }),
  TextKept: record({ hash: text, text }),
  BirthOrdered: record({ birth: count, ...birthPlan }),
  CanisterCreated: record({ birth: count, canister: principal }),
  /** `moduleHash`: another than was ordered, because that has retired. */
  BirthAdvanced: record({ birth: count, step: birthStep, moduleHash: added(optional(text), null) }),
  BirthFailed: record({ birth: count, problem: text, isUnknown: flag }),
  BirthResumed: record({ birth: count, step: birthStep }),
  MachineRegistered: record({ birth: count, canister: principal, operator: principal }),
  OperatorChanged: record({ machine: principal, operator: principal, handover: count }),
  UpgradeStarted: record({ upgrade: count, machine: principal, fromHash: text, toHash: text }),
  UpgradeAdvanced: record({ upgrade: count, step: upgradeStep }),
  /** The new code would not do; the machine is being started with the old one. */
  UpgradeTroubled: record({ upgrade: count, code: text, problem: text }),
  /** It hung; its call is withdrawn and the machine is being started. */
  UpgradeStopGivenUp: record({ upgrade: count, code: text, problem: text }),
  UpgradeInstalled: record({ upgrade: count }),
  UpgradeStalled: record({ upgrade: count, problem: text }),
  UpgradeRefused: record({ upgrade: count, code: text, problem: text }),
  UpgradeFailed: record({ upgrade: count }),
  MachineUpgraded: record({ upgrade: count, machine: principal, moduleHash: text }),
};

export const registryEvent = variant(registryEvents);
export type RegistryEvent = ValueOf<typeof registryEvent>;
