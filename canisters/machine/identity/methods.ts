// Identity over Candid: what the machine is, who operates it, how its next code is decided, and one view of everything.
import { EventsType } from '@tamc/protocol/events';
import {
  IdentityType,
  OpenCallType,
  PreparedUpgradeType,
  PrepareUpgradeType,
  UpgradeDecisionType,
} from '@tamc/protocol/identity';
import { MachineType } from '@tamc/protocol/machine';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import { IDL, type Principal, query, time, update } from 'azle';
import { bytesOf } from '../candid.ts';
import * as shell from '../shell/methods.ts';
import {
  acceptOperation,
  approveUpgrade,
  cancelUpgrade,
  describe,
  offerOperation,
  prepareUpgrade,
  setCharter,
} from './rules.ts';
import { approvedUpgrade } from './upgrade.ts';
import { identityToCandid, machineToCandid } from './view.ts';

const Done = AnswerType(IDL.Null);
const none = () => null;

export class IdentityMethods {
  @query([], IdentityType)
  identity() {
    return identityToCandid(shell.tables);
  }

  /** One call for a screen: who, whether it may work, what it does, how it is. */
  @query([], MachineType)
  machine() {
    return machineToCandid(shell.tables, time());
  }

  @update([IDL.Text], Done)
  describe(thing: string) {
    return shell.update(describe, thing, none);
  }

  @update([IDL.Text], Done)
  set_charter(charter: string) {
    return shell.update(setCharter, charter, none);
  }

  @update([IDL.Record({ to: IDL.Opt(IDL.Principal) })], Done)
  offer_operation({ to: [to] }: { to: [] | [Principal] }) {
    return shell.update(offerOperation, to === undefined ? null : principalToHex(to), none);
  }

  @update([], Done)
  accept_operation() {
    return shell.update(acceptOperation, undefined, none);
  }

  @update([IDL.Record({ hash: IDL.Vec(IDL.Nat8) })], Done)
  approve_upgrade({ hash }: { hash: Uint8Array }) {
    return shell.update(approveUpgrade, hash, none);
  }

  @update([], Done)
  cancel_upgrade() {
    return shell.update(cancelUpgrade, undefined, none);
  }

  @query([], UpgradeDecisionType)
  upgrade_decision() {
    const approved = approvedUpgrade(shell.tables, time());
    return approved === null
      ? { module_hash: [], expires_ns: [] }
      : { module_hash: [bytesOf(approved.moduleHash)], expires_ns: [approved.expiresNs] };
  }

  @update([PrepareUpgradeType], AnswerType(PreparedUpgradeType))
  prepare_upgrade([wanted]: [] | [{ hash: Uint8Array }]) {
    return shell.update(prepareUpgrade, wanted?.hash ?? null, (_tables, quietUntilNs) => {
      return { open_calls: openCallsToCandid(), quiet_until_ns: quietUntilNs };
    });
  }

  @query([], IDL.Vec(OpenCallType))
  open_calls() {
    return openCallsToCandid();
  }

  @query([], IDL.Text, { manual: true })
  layout(): void {
    shell.layout();
  }

  @query([IDL.Nat, IDL.Nat32], EventsType)
  events(from: bigint, limit: number) {
    return shell.events(from, limit);
  }
}

function openCallsToCandid() {
  return shell.openCalls().map(({ callee, method, sinceNs }) => {
    return { callee: hexToPrincipal(callee), method, since_ns: sinceNs };
  });
}
