// Remote control over Candid.
import { LeaseType } from '@tamc/protocol/control';
import { principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import { IDL, type Principal, query, time, update } from 'azle';
import { optionOf } from '../candid.ts';
import * as shell from '../shell/methods.ts';
import { leaseNow } from './lease.ts';
import { acceptControl, keepControl, offerControl, releaseControl, takeControl } from './rules.ts';
import { leaseToCandid } from './view.ts';

const Done = AnswerType(IDL.Null);
const Held = AnswerType(LeaseType);
const renderLease = () => leaseToCandid(leaseNow(shell.tables, time())!);

export class ControlMethods {
  @update([IDL.Record({ timeout_ns: IDL.Nat64 })], Held)
  take_control({ timeout_ns }: { timeout_ns: bigint }) {
    return shell.update(takeControl, timeout_ns, renderLease);
  }

  /** The holder's heartbeat. */
  @update([], Held)
  keep_control() {
    return shell.update(keepControl, undefined, renderLease);
  }

  @update([], Done)
  release_control() {
    return shell.update(releaseControl, undefined, () => null);
  }

  @update([IDL.Record({ to: IDL.Opt(IDL.Principal) })], Done)
  offer_control({ to: [to] }: { to: [] | [Principal] }) {
    return shell.update(offerControl, to === undefined ? null : principalToHex(to), () => null);
  }

  @update([], Held)
  accept_control() {
    return shell.update(acceptControl, undefined, renderLease);
  }

  @query([], IDL.Opt(LeaseType))
  lease() {
    return optionOf(leaseNow(shell.tables, time())).map(leaseToCandid);
  }
}
