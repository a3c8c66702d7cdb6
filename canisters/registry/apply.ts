// What each event changes. It decides nothing: whatever an event says has been decided.
import { assert } from '@tamc/base/assert';
import type { Envelope } from '@tamc/protocol/events';
import {
  type Birth,
  type Code,
  type RegistryEvent,
  type RegistrySettings,
  registryLimits,
  type Upgrade,
} from '@tamc/protocol/registry';
import { takeOutcome } from '@tamc/shared/saga/outbox';
import { isListed, oldestToForget } from './code.ts';
import { applyOperator } from './operators.ts';
import type { RegistryTables } from './state.ts';
import { upgradeCallId } from './upgrade-steps.ts';

type Handlers = {
  readonly [K in RegistryEvent['kind']]: (
    tables: RegistryTables,
    event: Extract<RegistryEvent, { kind: K }>,
    envelope: Envelope,
  ) => void;
};

export function applyEvent(tables: RegistryTables, event: RegistryEvent, envelope: Envelope): void {
  const handle = handlers[event.kind] as (tables: RegistryTables, event: RegistryEvent, envelope: Envelope) => void;
  handle(tables, event, envelope);
}

const handlers: Handlers = {
  RegistryOpened: ({ settings }, event) => settings.set(event.settings),
  GovernanceOffered: (tables, { to }) => changeSettings(tables, { governanceOfferedTo: to }),
  GovernanceAccepted: (tables, { governor }) => changeSettings(tables, { governor, governanceOfferedTo: null }),
  BirthTermsSet: (tables, { birthsPerCaller, birthCycles, compute }) =>
    changeSettings(tables, { birthsPerCaller, birthCycles, compute }),
  OperatorAllowed: ({ allowances }, { operator, births }) => allowances.set(operator, { births }),

  StandingMandateSet: ({ standingMandates, standingDelegates }, { operator, delegate, terms }) => {
    standingMandates.set([operator, delegate], terms);
    const known = standingDelegates.get(operator) ?? [];
    if (!known.includes(delegate)) standingDelegates.set(operator, [...known, delegate]);
  },
  StandingMandateRevoked: ({ standingMandates, standingDelegates }, { operator, delegate }) => {
    standingMandates.delete([operator, delegate]);
    const others = (standingDelegates.get(operator) ?? []).filter((other) => other !== delegate);
    if (others.length > 0) standingDelegates.set(operator, others);
    else standingDelegates.delete(operator);
  },

  CodeProposed: (tables, { codeKind, version, moduleHash, chunkHashes, candid, layout }, { timeNs }) => {
    const known = tables.codes.get(moduleHash);
    if (known !== null) forgetComparisons(tables, moduleHash);
    if (!isListed(tables, moduleHash)) {
      if (oldestToForget(tables) === 'oldest') tables.codeOrder.dropFirst(1);
      tables.codeOrder.append(moduleHash);
    }
    const calls = (known?.calls ?? 0) + 1;
    const standing = 'checking';
    tables.codes.set(moduleHash, {
      kind: codeKind,
      version,
      moduleHash,
      chunkHashes,
      standing,
      timeNs,
      problem: null,
      calls,
    });
    tables.codeTexts.set(moduleHash, { candid, layout });
  },
  CodeApproved: (tables, { moduleHash }, { timeNs }) =>
    changeCode(tables, moduleHash, { standing: 'approved', timeNs }),
  CodeRefused: (tables, { moduleHash, problem }, { timeNs }) =>
    changeCode(tables, moduleHash, { standing: 'refused', problem, timeNs }),
  CodeRetired: (tables, { moduleHash }, { timeNs }) => changeCode(tables, moduleHash, { standing: 'retired', timeNs }),

  LedgerAdded: (tables, { id, symbol, decimals, fee, isHome }) => {
    const order = tables.ledgerOrder.get();
    if (!order.includes(id)) tables.ledgerOrder.set([...order, id]);
    tables.ledgers.set(id, { id, symbol, decimals, fee, isRetired: false });
    if (isHome) changeSettings(tables, { homeLedger: id });
  },
  LedgerRetired: ({ ledgers }, { id }) => ledgers.set(id, { ...ledgers.get(id)!, isRetired: true }),

  TextKept: ({ texts }, { hash, text }) => texts.set(hash, text),
  BirthOrdered: ({ births, ordered }, { kind: _, birth, ...plan }, { timeNs }) => {
    const number = births.append({
      ...plan,
      step: 'creating',
      canister: null,
      problem: null,
      isUnknown: false,
      calls: 0,
      handovers: 0,
      startedNs: timeNs,
      changedNs: timeNs,
    });
    assert(number === birth, `birth ${birth} came as number ${number}`);
    ordered.set(plan.by, { births: (ordered.get(plan.by)?.births ?? 0) + 1 });
  },
  CanisterCreated: (tables, { birth, canister }, envelope) => {
    const { canister: before } = tables.births.get(birth)!;
    if (before !== null) tables.birthOfCanister.delete(before);
    tables.birthOfCanister.set(canister, birth);
    stepBirth(tables, birth, envelope, { canister, step: 'installing' });
  },
  BirthAdvanced: (tables, { birth, step, moduleHash }, envelope) =>
    stepBirth(tables, birth, envelope, { step, ...(moduleHash !== null && { moduleHash }) }),
  BirthResumed: (tables, { birth, step }, envelope) =>
    stepBirth(tables, birth, envelope, { step, problem: null, isUnknown: false }),
  BirthFailed: (tables, { birth, problem, isUnknown }, { timeNs }) =>
    changeBirth(tables, birth, { problem, isUnknown, changedNs: timeNs }),
  MachineRegistered: (tables, { birth, canister, operator }, { timeNs }) => {
    const { machineKind, make, model, place, parent, generation, moduleHash, handovers } = tables.births.get(birth)!;
    changeBirth(tables, birth, { step: 'born', changedNs: timeNs });
    const facts = { canister, operator, machineKind, make, model, place, parent, generation, moduleHash, birth };
    tables.machines.set(canister, { ...facts, bornNs: timeNs, upgrade: null, handovers });
    tables.birthOfCanister.delete(canister);
    tables.machineOrder.append(canister);
    tables.machinesOfOperator.set([operator, birth], canister);
  },

  OperatorChanged: (tables, { machine, ...change }) => applyOperator(tables, machine, change),

  CodesCompared: ({ codesThatFit, codesThatBreak }, { fromHash, toHash, fault }) => {
    if (fault === null) codesThatFit.set([fromHash, toHash], true);
    else codesThatBreak.set([fromHash, toHash], fault);
  },

  UpgradeStarted: (tables, { upgrade, machine, fromHash, toHash }, { timeNs, by }) => {
    const number = tables.upgrades.append({
      machine,
      by,
      fromHash,
      toHash,
      step: 'asking',
      outcome: null,
      isInstalled: false,
      code: '',
      problem: '',
      isStalled: false,
      calls: 0,
      startedNs: timeNs,
      changedNs: timeNs,
    });
    assert(number === upgrade, `upgrade ${upgrade} came as number ${number}`);
    tables.codesThatFit.set([fromHash, toHash], true);
    forgetOldest(tables);
    tables.machines.set(machine, { ...tables.machines.get(machine)!, upgrade });
  },
  UpgradeAdvanced: (tables, { upgrade, step }, { timeNs }) => {
    const { calls } = tables.upgrades.get(upgrade)!;
    changeUpgrade(tables, upgrade, { step, calls: calls + 1, isStalled: false, changedNs: timeNs });
  },
  UpgradeTroubled: (tables, { upgrade, code, problem }, { timeNs }) =>
    changeUpgrade(tables, upgrade, { code, problem, changedNs: timeNs }),
  UpgradeStopGivenUp: (tables, { upgrade, code, problem }, { timeNs }) => {
    const { calls } = tables.upgrades.get(upgrade)!;
    takeOutcome(tables, upgradeCallId(upgrade, calls));
    changeUpgrade(tables, upgrade, { code, problem, changedNs: timeNs });
  },
  UpgradeInstalled: (tables, { upgrade }, { timeNs }) =>
    changeUpgrade(tables, upgrade, { isInstalled: true, changedNs: timeNs }),
  UpgradeStalled: (tables, { upgrade, problem }, { timeNs }) =>
    changeUpgrade(tables, upgrade, { isStalled: true, problem, changedNs: timeNs }),
  UpgradeRefused: (tables, { upgrade, code, problem }, { timeNs }) =>
    changeUpgrade(tables, upgrade, { step: 'over', outcome: 'refused', code, problem, changedNs: timeNs }),
  UpgradeFailed: (tables, { upgrade }, { timeNs }) =>
    changeUpgrade(tables, upgrade, { step: 'over', outcome: 'failed', changedNs: timeNs }),
  MachineUpgraded: (tables, { upgrade, machine, moduleHash }, { timeNs }) => {
    changeUpgrade(tables, upgrade, { step: 'over', outcome: 'upgraded', changedNs: timeNs });
    tables.machines.set(machine, { ...tables.machines.get(machine)!, moduleHash });
  },
};

/** Its texts may be others now. */
function forgetComparisons({ codeOrder, codesThatFit, codesThatBreak }: RegistryTables, hash: string): void {
  for (let number = codeOrder.first(); number < codeOrder.end(); number++) {
    const other = codeOrder.get(number)!;
    for (const pair of [[hash, other] as const, [other, hash] as const]) {
      codesThatFit.delete(pair);
      codesThatBreak.delete(pair);
    }
  }
}

/** Anybody may ask for upgrades, so what is kept of them is bounded; one that still runs is never forgotten. */
function forgetOldest({ upgrades }: RegistryTables): void {
  const first = upgrades.first();
  const isSurplus = upgrades.end() - first > registryLimits.upgradesKeptMax;
  if (isSurplus && upgrades.get(first)!.outcome !== null) upgrades.dropFirst(1);
}

function changeSettings({ settings }: RegistryTables, change: Partial<RegistrySettings>): void {
  settings.set({ ...settings.get(), ...change });
}

function changeCode({ codes }: RegistryTables, hash: string, change: Partial<Code>): void {
  codes.set(hash, { ...codes.get(hash)!, ...change });
}

function changeBirth({ births }: RegistryTables, number: number, change: Partial<Birth>): void {
  births.set(number, { ...births.get(number)!, ...change });
}

/** A step is one more call. */
function stepBirth(tables: RegistryTables, number: number, { timeNs }: Envelope, change: Partial<Birth>): void {
  const { calls } = tables.births.get(number)!;
  changeBirth(tables, number, { ...change, calls: calls + 1, changedNs: timeNs });
}

function changeUpgrade({ upgrades }: RegistryTables, number: number, change: Partial<Upgrade>): void {
  upgrades.set(number, { ...upgrades.get(number)!, ...change });
}
