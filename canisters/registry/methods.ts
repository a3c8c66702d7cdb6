// The registry's methods: Candid in, a rule, Candid out.

import { refuse } from '@tamc/base/result';
import { EventsType } from '@tamc/protocol/events';
import { type CandidOperatorChanged, OperatorChangedType } from '@tamc/protocol/handover';
import { OpenCallType } from '@tamc/protocol/identity';
import { type CandidGrant, GrantType, mandateTermsToCandid, parseMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import type { RegistryEvent } from '@tamc/protocol/registry';
import {
  BearType,
  BirthsOrderedType,
  BirthTermsType,
  BirthType,
  birthToCandid,
  bytesToHash,
  type CandidBear,
  type CandidCodeArgs,
  type CandidLedgerArgs,
  CodeArgsType,
  CodeTextsType,
  CodeType,
  candidToCompute,
  candidToSettings,
  codeToCandid,
  LedgerArgsType,
  ledgerToCandid,
  MachineOfType,
  MachineType,
  MoneyTermsType,
  machineToCandid,
  PageType,
  RegisteredLedgerType,
  type RegistryInit,
  RegistryInitType,
  SettingsType,
  settingsToCandid,
  UpgradeType,
  upgradeToCandid,
} from '@tamc/protocol/registry-candid';
import { limitArguments } from '@tamc/shared/azle/argument-limits';
import { entriesFor, refuseLongForCanisters } from '@tamc/shared/azle/replicated';
import { type Answer, createShell } from '@tamc/shared/azle/shell';
import type { Rule } from '@tamc/shared/canister';
import {
  canisterCycleBalance,
  IDL,
  init,
  inspectMessage,
  type Principal,
  postUpgrade,
  query,
  time,
  trap,
  update,
} from 'azle';
import { lastReject, resumeBirths, settleBirth } from './birth-steps.ts';
import { orderBirths } from './births.ts';
import { approveCode, codeAnswer, retireCode } from './code.ts';
import { registryDefinition } from './definition.ts';
import { acceptGovernance, allowOperator, offerGovernance, openRegistry, setBirthTerms } from './governance.ts';
import { addLedger, allLedgers, moneyTermsToCandid, retireLedger } from './ledgers.ts';
import { longArguments } from './long-arguments.ts';
import { changeOperator } from './operators.ts';
import { cyclesToSpend, pageOf } from './pages.ts';
import { revokeStandingMandate, setStandingMandate, standingFault, standingMandatesOf } from './standing-mandates.ts';
import type { RegistryTables } from './state.ts';
import { isLapsed } from './upgrade-steps.ts';
import { compareFirst, resumeUpgrade, startUpgrade } from './upgrades.ts';

const shell = createShell(registryDefinition);
const { tables } = shell;

const Done = AnswerType(IDL.Null);
const done = () => null;

const isAccepted = limitArguments((caller) => longArguments(tables, caller));

const birthAt = (number: number) => {
  const birth = tables.births.get(number);
  return birth === null ? null : birthToCandid(number, birth, lastReject(tables, number, birth));
};
const upgradeAt = (number: number) => {
  const upgrade = tables.upgrades.get(number);
  return upgrade === null
    ? null
    : upgradeToCandid(number, upgrade, upgrade.outcome === null && isLapsed(upgrade, time()));
};
/** The role first: who may not do it has nothing parsed at the registry's cost. */
const setGivenMandate: Rule<RegistryTables, GivenMandate, RegistryEvent, null> = (tables, context, given) => {
  const denied = standingFault(tables, context, given.delegate);
  if (denied !== null) return refuse(denied);
  return setStandingMandate(tables, context, { ...given, terms: parseMandateTerms(given.terms) });
};
interface GivenMandate {
  readonly delegate: PrincipalHex;
  readonly terms: CandidGrant['terms'];
}

/** Of the texts of code: encoding so many takes a million cycles. */
const charsPerPart = 300;

const partsOf = (mandates: ReturnType<typeof standingMandatesOf>): number =>
  mandates.reduce((sum, { terms: { allowedPayees, allowedPurposes } }) => {
    return sum + 1 + (allowedPayees?.length ?? 0) + (allowedPurposes?.length ?? 0);
  }, 0);

const asOption = <T>(value: T | null): [] | [T] => (value === null ? [] : [value]);

export class RegistryMethods {
  @init([RegistryInitType])
  init(given: RegistryInit): void {
    const opened = shell.perform(openRegistry, candidToSettings(given));
    if (!opened.ok) trap(`${opened.error.message}; ${opened.error.nextStep}`);
    shell.start();
  }

  /** Declares what `init` does because a canister has one argument; it is not read, so an upgrade may send anything. */
  @postUpgrade([RegistryInitType], { manual: true })
  postUpgrade(): void {
    shell.resume();
  }

  @inspectMessage({ manual: true })
  inspect(): boolean {
    return isAccepted();
  }

  // Governance

  @update([IDL.Opt(IDL.Principal)], Done)
  offer_governance([to]: [] | [Principal]): Answer<null> {
    return shell.update(offerGovernance, { to: to === undefined ? null : principalToHex(to) }, done);
  }

  @update([], Done)
  accept_governance(): Answer<null> {
    return shell.update(acceptGovernance, null, done);
  }

  @update([BirthTermsType], Done)
  set_birth_terms(terms: Pick<RegistryInit, 'births_per_caller' | 'birth_cycles' | 'compute'>): Answer<null> {
    const { births_per_caller: birthsPerCaller, birth_cycles: birthCycles, compute } = terms;
    return shell.update(setBirthTerms, { birthsPerCaller, birthCycles, compute: candidToCompute(compute) }, done);
  }

  /** How many births this operator may have ordered in all. */
  @update([IDL.Principal, IDL.Nat32], Done)
  allow_operator(operator: Principal, births: number): Answer<null> {
    return shell.update(allowOperator, { operator: principalToHex(operator), births }, done);
  }

  // Standing mandates

  /** Who brings machines to life for the caller, and with which mandate each of them starts. */
  @update([GrantType], Done)
  set_standing_mandate({ delegate, terms }: CandidGrant): Answer<null> {
    return shell.update(setGivenMandate, { delegate: principalToHex(delegate), terms }, done);
  }

  /** Machines that are born already keep their mandates: those are revoked on each. */
  @update([IDL.Principal], Done)
  revoke_standing_mandate(delegate: Principal): Answer<null> {
    return shell.update(revokeStandingMandate, { delegate: principalToHex(delegate) }, done);
  }

  @query([IDL.Principal], IDL.Vec(GrantType))
  standing_mandates(operator: Principal) {
    const found = standingMandatesOf(tables, principalToHex(operator));
    refuseLongForCanisters(partsOf(found), 'ask the operator');
    return found.map(({ delegate, terms }) => ({
      delegate: hexToPrincipal(delegate),
      terms: mandateTermsToCandid(terms),
    }));
  }

  @query([], SettingsType)
  settings() {
    const counts = {
      machines: tables.machineOrder.end(),
      births: tables.births.end(),
      upgrades: tables.upgrades.end(),
      cycles: canisterCycleBalance(),
    };
    return { ...settingsToCandid(tables.settings.get()), ...counts };
  }

  // Code

  @update([CodeArgsType], AnswerType(CodeType))
  async approve_code({ kind, version, module_hash, chunk_hashes, candid, layout }: CandidCodeArgs) {
    const moduleHash = bytesToHash(module_hash);
    const args = { codeKind: kind, version, moduleHash, chunkHashes: chunk_hashes.map(bytesToHash), candid, layout };
    const answer = await shell.settled(approveCode, args, done);
    return 'Err' in answer ? answer : codeAnswer(tables, moduleHash, codeToCandid);
  }

  @update([IDL.Vec(IDL.Nat8)], Done)
  retire_code(moduleHash: Uint8Array): Answer<null> {
    return shell.update(retireCode, { moduleHash: bytesToHash(moduleHash) }, done);
  }

  @query([], IDL.Vec(CodeType))
  codes() {
    const { codeOrder, codes } = tables;
    const first = codeOrder.first();
    refuseLongForCanisters(codeOrder.end() - first, 'look at the events');
    return Array.from({ length: codeOrder.end() - first }, (_, i) =>
      codeToCandid(codes.get(codeOrder.get(first + i)!)!),
    );
  }

  @query([IDL.Vec(IDL.Nat8)], IDL.Opt(CodeTextsType))
  code_texts(moduleHash: Uint8Array) {
    const texts = tables.codeTexts.get(bytesToHash(moduleHash));
    const chars = texts === null ? 0 : texts.candid.length + texts.layout.length;
    refuseLongForCanisters(chars / charsPerPart, 'read the public metadata of a canister that runs it');
    return asOption(texts);
  }

  // Ledgers

  @update([LedgerArgsType], Done)
  add_ledger({ id, home, ...ledger }: CandidLedgerArgs): Answer<null> {
    return shell.update(addLedger, { ...ledger, id: principalToHex(id), isHome: home }, done);
  }

  @update([IDL.Principal], Done)
  retire_ledger(id: Principal): Answer<null> {
    return shell.update(retireLedger, { id: principalToHex(id) }, done);
  }

  @query([], IDL.Vec(RegisteredLedgerType))
  ledgers() {
    const { homeLedger } = tables.settings.get();
    return allLedgers(tables).map((ledger) => ledgerToCandid(ledger, ledger.id === homeLedger));
  }

  /** The ledgers in use and the seller of cycles, for machines that were born before. */
  @query([], MoneyTermsType)
  money_terms() {
    return moneyTermsToCandid(tables);
  }

  // Births

  @update([BearType], AnswerType(BirthsOrderedType))
  bear({ command_id, module_hash: [moduleHash], births }: CandidBear) {
    const order = {
      moduleHash: moduleHash === undefined ? null : bytesToHash(moduleHash),
      births: births.map(({ operator: [operator], kind, ...birth }) => ({
        ...birth,
        machineKind: kind,
        operator: operator === undefined ? null : principalToHex(operator),
      })),
      cyclesAvailable: cyclesToSpend(canisterCycleBalance()),
    };
    return shell.command(command_id, orderBirths, order, (_, subject) => {
      const [first, count] = subject.split('-').map(Number);
      return { first, count };
    });
  }

  @update([IDL.Vec(IDL.Nat32)], Done)
  resume_births(births: readonly number[] | Uint32Array): Answer<null> {
    const cyclesAvailable = cyclesToSpend(canisterCycleBalance());
    return shell.update(resumeBirths, { births: [...births], cyclesAvailable }, done);
  }

  @update([IDL.Nat32, IDL.Opt(IDL.Principal)], Done)
  settle_birth(birth: number, [canister]: [] | [Principal]): Answer<null> {
    return shell.update(
      settleBirth,
      { birth, canister: canister === undefined ? null : principalToHex(canister) },
      done,
    );
  }

  @query([IDL.Nat32], IDL.Opt(BirthType))
  birth(number: number) {
    return asOption(birthAt(number));
  }

  @query([IDL.Nat32, IDL.Nat32], PageType(BirthType))
  births(from: number, limit: number) {
    return pageOf(tables.births.end(), from, entriesFor(limit), birthAt);
  }

  // Machines

  @query([IDL.Principal], IDL.Opt(MachineType))
  machine(canister: Principal) {
    const machine = tables.machines.get(principalToHex(canister));
    return machine === null ? [] : [machineToCandid(machine)];
  }

  @query([IDL.Nat32, IDL.Nat32], PageType(MachineType))
  machines(from: number, limit: number) {
    const { machineOrder, machines } = tables;
    return pageOf(machineOrder.end(), from, entriesFor(limit), (number) =>
      machineToCandid(machines.get(machineOrder.get(number)!)!),
    );
  }

  /** Those that this operator operates now, as they told; in the order of their births, of which `from` is the first. */
  @query([IDL.Principal, IDL.Nat32, IDL.Nat32], IDL.Vec(MachineOfType))
  machines_of(operator: Principal, from: number, limit: number) {
    const owner = principalToHex(operator);
    const range = {
      from: [owner, from],
      to: [owner, Number.MAX_SAFE_INTEGER],
      limit: Math.min(entriesFor(limit), 200),
    } as const;
    const found = tables.machinesOfOperator.range(range);
    return found.map(([[, birth], canister]) => ({ birth, canister: hexToPrincipal(canister) }));
  }

  /** By a machine whose operation has passed to somebody else. */
  @update([OperatorChangedType], Done)
  operator_changed({ operator, handover }: CandidOperatorChanged): Answer<null> {
    return shell.update(changeOperator, { operator: principalToHex(operator), handover }, done);
  }

  // Upgrades

  @update([IDL.Record({ machine: IDL.Principal, module_hash: IDL.Vec(IDL.Nat8) })], AnswerType(IDL.Nat32))
  upgrade({ machine, module_hash }: { machine: Principal; module_hash: Uint8Array }) {
    const command = { machine: principalToHex(machine), moduleHash: bytesToHash(module_hash) };
    shell.perform(compareFirst, command);
    return shell.update(startUpgrade, command, (_, number) => Number(number));
  }

  @update([IDL.Nat32], Done)
  resume_upgrade(upgrade: number): Answer<null> {
    return shell.update(resumeUpgrade, { upgrade }, done);
  }

  @query([IDL.Nat32], IDL.Opt(UpgradeType))
  upgrade_status(number: number) {
    return asOption(upgradeAt(number));
  }

  @query([IDL.Nat32, IDL.Nat32], PageType(UpgradeType))
  upgrades(from: number, limit: number) {
    return pageOf(tables.upgrades.end(), from, entriesFor(limit), upgradeAt);
  }

  // What every canister of ours has

  @query([IDL.Nat, IDL.Nat32], EventsType)
  events(from: bigint, limit: number) {
    return shell.events(from, limit);
  }

  @query([], IDL.Text, { manual: true })
  layout(): void {
    shell.layout();
  }

  @query([], IDL.Vec(OpenCallType))
  open_calls() {
    return shell.openCalls().map(({ callee, method, sinceNs }) => ({
      callee: hexToPrincipal(callee),
      method,
      since_ns: sinceNs,
    }));
  }
}
