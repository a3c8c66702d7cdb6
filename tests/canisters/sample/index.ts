// Exercises what a replica must do for a canister: state in heap and stable memory, calls, traps, timers, big heaps.
import {
  call,
  canisterSelf,
  clearTimer,
  IDL,
  msgCaller,
  type Principal,
  query,
  StableBTreeMap,
  setTimer,
  setTimerInterval,
  time,
  trap,
  update,
} from 'azle';

const stored = new StableBTreeMap<string, string>(0);
let count = 0n;
let ticks = 0n;
let held: Uint8Array = new Uint8Array(0);
let objects: { readonly id: number; readonly text: string }[] = [];

export default class {
  @query([IDL.Text], IDL.Text)
  hello(name: string): string {
    return `Hello, ${name}!`;
  }

  @update([], IDL.Nat)
  inc(): bigint {
    count += 1n;
    return count;
  }

  @query([], IDL.Nat)
  count(): bigint {
    return count;
  }

  @update([IDL.Text, IDL.Text], IDL.Opt(IDL.Text))
  put(key: string, value: string): [string] | [] {
    const previous = stored.insert(key, value);
    return previous === undefined ? [] : [previous];
  }

  @query([IDL.Text], IDL.Opt(IDL.Text))
  get(key: string): [string] | [] {
    const value = stored.get(key);
    return value === undefined ? [] : [value];
  }

  @query([], IDL.Nat64)
  size(): bigint {
    return BigInt(stored.len());
  }

  /** A call to itself: the increment before the await stays even when what follows traps. */
  @update([], IDL.Nat)
  async incBySelf(): Promise<bigint> {
    count += 1n;
    return await callInc(canisterSelf());
  }

  @update([IDL.Principal], IDL.Nat)
  async incOther(other: Principal): Promise<bigint> {
    return await callInc(other);
  }

  @update([IDL.Principal], IDL.Text)
  async incOtherThenTrap(other: Principal): Promise<string> {
    count += 1n;
    await callInc(other);
    count += 100n;
    trap('after the call');
    return 'never';
  }

  @query([IDL.Principal, IDL.Text], IDL.Text, { composite: true })
  async helloFrom(other: Principal, name: string): Promise<string> {
    return await call<[string], string>(other, 'hello', {
      paramIdlTypes: [IDL.Text],
      returnIdlType: IDL.Text,
      args: [name],
    });
  }

  @update([IDL.Text])
  fail(reason: string): void {
    count += 1n;
    stored.insert('failed', reason);
    trap(reason);
  }

  @update([])
  fault(): void {
    count += 1n;
    throw new Error('an ordinary error');
  }

  @query([], IDL.Nat)
  incInQuery(): bigint {
    count += 1n;
    return count;
  }

  @update([])
  spin(): void {
    for (;;) count += 1n;
  }

  /** Holds one typed array of this many bytes, filled so that every page is really there. */
  @update([IDL.Nat32], IDL.Nat32)
  hold(byteCount: number): number {
    held = new Uint8Array(byteCount).fill(1);
    return held.length;
  }

  @query([], IDL.Nat32)
  heldBytes(): number {
    return held.length;
  }

  /** Holds this many small objects: what a garbage collector walks, unlike a typed array. */
  @update([IDL.Nat32], IDL.Nat32)
  holdObjects(objectCount: number): number {
    objects = Array.from({ length: objectCount }, (_, id) => ({ id, text: `object ${id}` }));
    return objects.length;
  }

  @update([IDL.Nat32])
  tickOnce(delaySeconds: number): void {
    setTimer(delaySeconds, () => {
      ticks += 1n;
    });
  }

  @update([IDL.Nat32], IDL.Nat64)
  tickEvery(intervalSeconds: number): bigint {
    return setTimerInterval(intervalSeconds, () => {
      ticks += 1n;
    });
  }

  @update([IDL.Nat64])
  tickStop(timer: bigint): void {
    clearTimer(timer);
  }

  @query([], IDL.Nat)
  ticks(): bigint {
    return ticks;
  }

  @query([], IDL.Principal)
  caller(): Principal {
    return msgCaller();
  }

  @query([], IDL.Nat64)
  now(): bigint {
    return time();
  }
}

async function callInc(canister: Principal): Promise<bigint> {
  return await call<[], bigint>(canister, 'inc', { returnIdlType: IDL.Nat });
}
