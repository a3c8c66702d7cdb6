// What the scheduler keeps beside the state: indexes that are derived from it (and rebuilt after a restart) and the
// list of what this round has changed.
import type { Principal } from '../codec/principal.ts';
import type { Engine } from '../execution/engine.ts';
import type { HostEnd } from '../execution/host-ends.ts';
import type { Canister } from '../state/canister.ts';
import type { Callback, Request, RequestId } from '../state/message.ts';
import type { World } from '../state/world.ts';

export interface Scheduler {
  readonly world: World;
  readonly engine: Engine;
  /** Canisters with something in the inbox, in the order in which they got it. */
  readonly ready: Set<Principal>;
  /** Calls to the management canister; always empty between rounds. */
  readonly managementInbox: Request[];
  /** Best-effort callbacks that wait, with the canister they belong to. */
  readonly deadlines: Map<Callback, Principal>;
  /** Canisters that export a global timer and have it set. */
  readonly timers: Set<Principal>;
  /** Canisters that export a heartbeat. */
  readonly heartbeats: Set<Principal>;
  readonly changed: RoundChanges;
  /** Of this round. */
  instructions: bigint;
}

export interface RoundChanges {
  readonly canisters: Set<Principal>;
  readonly requests: Set<RequestId>;
  /** Requests that got their final answer in this round. */
  readonly settled: RequestId[];
  /** Executions that this process ended: part of the round's record. */
  hostEnds: readonly HostEnd[];
}

/** `ready`: what is known of the order of turns; canisters with work that are not in it come last. */
export function createScheduler(world: World, engine: Engine, ready: readonly Principal[] = []): Scheduler {
  const scheduler: Scheduler = {
    world,
    engine,
    ready: new Set(ready),
    managementInbox: [],
    deadlines: new Map(),
    timers: new Set(),
    heartbeats: new Set(),
    changed: { canisters: new Set(), requests: new Set(), settled: [], hostEnds: [] },
    instructions: 0n,
  };
  for (const canister of world.state.canisters.values()) indexCanister(scheduler, canister);
  return scheduler;
}

function indexCanister(scheduler: Scheduler, canister: Canister): void {
  if (canister.inbox.length > 0) scheduler.ready.add(canister.id);
  for (const callback of canister.callbacks.values()) {
    if (callback.deadlineNs > 0n && !callback.answered) scheduler.deadlines.set(callback, canister.id);
  }
  trackTasks(scheduler, canister);
}

/** A canister may have changed, come or gone otherwise than by executing a message. */
export function touch(scheduler: Scheduler, id: Principal): void {
  scheduler.changed.canisters.add(id);
  const canister = scheduler.world.state.canisters.get(id);
  if (canister !== undefined) trackTasks(scheduler, canister);
  else for (const index of [scheduler.ready, scheduler.timers, scheduler.heartbeats]) index.delete(id);
}

/** Keeps the indexes true after the code, the timer or the life of a canister has changed. */
export function trackTasks(scheduler: Scheduler, canister: Canister): void {
  const { id, code } = canister;
  const alive = code !== null && scheduler.world.state.canisters.has(id);
  const exports = alive ? scheduler.world.modules.get(code.moduleHash).exports : null;
  setMembership(scheduler.timers, id, exports?.globalTimer === true && canister.globalTimerNs > 0n);
  setMembership(scheduler.heartbeats, id, exports?.heartbeat === true);
}

function setMembership(set: Set<Principal>, id: Principal, member: boolean): void {
  if (member) set.add(id);
  else set.delete(id);
}
