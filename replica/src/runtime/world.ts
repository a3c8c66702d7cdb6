// Ties state, modules, engine and scheduler together into the world that the rules act in.
import { ok, refuse } from '@tamc/base/result';
import type { Principal } from '../codec/principal.ts';
import { createEngine, type Engine } from '../execution/engine.ts';
import type { SubnetFacts } from '../execution/execution.ts';
import { dropHeap, installCode } from '../execution/install.ts';
import type { PagePool } from '../memory/page-pool.ts';
import { clearPageTable } from '../memory/page-table.ts';
import { keepLogs } from '../scheduler/apply-effects.ts';
import { respond } from '../scheduler/calls.ts';
import { createScheduler, type Scheduler, trackTasks } from '../scheduler/scheduler.ts';
import type { Canister } from '../state/canister.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import type { World } from '../state/world.ts';
import { deriveSecret, type Genesis } from './genesis.ts';
import type { Modules } from './modules.ts';

export interface WorldParts {
  readonly genesis: Genesis;
  readonly state: ReplicaState;
  readonly subnet: SubnetFacts;
  readonly pool: PagePool;
  readonly modules: Modules;
  readonly hotBytesMax: number;
  readonly ready?: readonly Principal[];
}

/** The scheduler over a world that is complete: rules reach the scheduler only through `World`. */
export function createWorld(parts: WorldParts): Scheduler {
  const { state, subnet, pool, modules } = parts;
  const engine = createEngine(
    { state, subnet, pool, modules, limits: parts.genesis.limits },
    { hotBytesMax: parts.hotBytesMax },
  );
  const world: World = {
    state,
    subnet,
    pool,
    modules,
    limits: parts.genesis.limits,
    drawRandom: () => deriveSecret(state.seed, 'random', state.randomCalls++),
    respond: (origin, payload, refund) => respond(scheduler, origin, payload, refund),
    installCode: (canister, installation) => {
      const installed = installCode(world, engine, canister, installation);
      scheduler.instructions += installed.instructions;
      keepLogs(canister, installed, state.timeNs);
      if (installed.refusal !== null) return refuse(installed.refusal);
      trackTasks(scheduler, canister);
      return ok(undefined);
    },
    dropCode: (canister, what) => {
      dropCode(engine, canister, what);
      trackTasks(scheduler, canister);
    },
  };
  const scheduler = createScheduler(world, engine, parts.ready ?? []);
  return scheduler;
}

function dropCode(engine: Engine, canister: Canister, what: { stableMemory: boolean }): void {
  if (canister.code !== null) dropHeap(engine, canister.code.heap);
  canister.code = null;
  if (!what.stableMemory) return;
  clearPageTable(canister.stable.pages);
  canister.stable.sizePages = 0;
}
