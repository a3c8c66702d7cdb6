// Stands in for a machine where the registry is tested: it keeps a note in stable memory, tells what it is told to tell before an
// upgrade, and is built in versions, one file each, whose layout, interface or code differ.
import {
  MachineInitType,
  OpenCallType,
  PreparedUpgradeType,
  PrepareUpgradeType,
  UpgradeDecisionType,
} from '@tamc/protocol/identity';
import { AnswerType } from '@tamc/protocol/refusal';
import { call, IDL, init, type Principal, postUpgrade, query, StableBTreeMap, trap, update } from 'azle';

export type Version = 'first' | 'second' | 'lossy' | 'breaking' | 'trapping';

let version: Version = 'first';

/** What stable memory holds. */
export function layoutOf(given: Version): string {
  const fields = ['text', given === 'lossy' ? 'author' : 'by'];
  const record = fields.map((name) => ({ name, shape: 'text', isAdded: false }));
  return JSON.stringify([{ number: 1, name: 'notes', kind: 'table', key: 'text', value: { record } }]);
}

const kept = new StableBTreeMap<string, string>(0);
let openCalls: { callee: Principal; method: string; since_ns: bigint }[] = [];

class Lifecycle {
  @init([MachineInitType])
  begin(given: { operator: Principal; kind: string }): void {
    if (given.kind === 'stillborn') trap('no machine of this kind can be born');
    kept.insert('operator', given.operator.toText());
  }

  @postUpgrade([MachineInitType], { manual: true })
  goOn(): void {
    if (version === 'trapping') trap('the migration does not work');
  }
}

class Methods {
  @query([], IDL.Text)
  version(): string {
    return version;
  }

  @update([IDL.Text, IDL.Text])
  keep(key: string, value: string): void {
    kept.insert(key, value);
  }

  @query([IDL.Text], IDL.Opt(IDL.Text))
  kept(key: string): [string] | [] {
    const value = kept.get(key);
    return value === undefined ? [] : [value];
  }

  @update([IDL.Vec(IDL.Nat8)])
  approve_upgrade(hash: Uint8Array): void {
    kept.insert('approved', Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  }

  /** What it says it waits for. */
  @update([IDL.Principal, IDL.Text])
  wait_for(callee: Principal, method: string): void {
    openCalls = [{ callee, method, since_ns: 1n }];
  }

  @update([])
  wait_no_more(): void {
    openCalls = [];
  }

  /** Really waits, and says nothing of it. */
  @update([IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8)])
  async ask(callee: Principal, method: string, argument: Uint8Array): Promise<void> {
    await call<Uint8Array, Uint8Array>(callee, method, { raw: true, args: argument });
  }

  @query([], UpgradeDecisionType)
  upgrade_decision() {
    const hex = kept.get('approved');
    if (hex === undefined) return { module_hash: [], expires_ns: [] };
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    return { module_hash: [bytes], expires_ns: [2n ** 63n] };
  }

  @update([PrepareUpgradeType], AnswerType(PreparedUpgradeType))
  prepare_upgrade() {
    return { Ok: { open_calls: openCalls, quiet_until_ns: 0n } };
  }

  @query([], IDL.Vec(OpenCallType))
  open_calls() {
    return openCalls;
  }

  @query([], IDL.Text)
  layout(): string {
    return layoutOf(version);
  }
}

class Narrower {
  @query([IDL.Record({ amount: IDL.Nat, memo: IDL.Text })], IDL.Bool)
  pay(): boolean {
    return true;
  }
}

class Payment {
  @query([IDL.Record({ amount: IDL.Nat })], IDL.Bool)
  pay(): boolean {
    return true;
  }
}

export function standIn(given: Version) {
  version = given;
  return [Lifecycle, Methods, given === 'breaking' ? Narrower : Payment];
}
