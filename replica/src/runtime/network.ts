// One network in memory: the state, the world it lives in, and its certificates; and the one way to move it, `step`.

import type { PagePool } from '../memory/page-pool.ts';
import { type RoundInput, runRound } from '../scheduler/round.ts';
import type { RoundChanges, Scheduler } from '../scheduler/scheduler.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import { type Certifier, createCertifier } from './certifier.ts';
import { type Genesis, subnetFacts } from './genesis.ts';
import { certifierFacts } from './identity.ts';
import type { Modules } from './modules.ts';
import { createWorld } from './world.ts';

export interface Network {
  readonly genesis: Genesis;
  readonly state: ReplicaState;
  readonly scheduler: Scheduler;
  readonly certifier: Certifier;
  readonly modules: Modules;
  /** Executes one round; what it changed is valid until the next step. */
  step(input: RoundInput): RoundChanges;
}

export interface NetworkParts {
  readonly genesis: Genesis;
  readonly state: ReplicaState;
  readonly pool: PagePool;
  readonly modules: Modules;
  readonly hotBytesMax: number;
}

export function createNetwork(parts: NetworkParts): Network {
  const { genesis, state, modules } = parts;
  const scheduler = createWorld({ ...parts, subnet: subnetFacts(genesis) });
  const certifier = createCertifier(certifierFacts(genesis), state, modules);
  const { changed } = scheduler;
  return {
    genesis,
    state,
    scheduler,
    certifier,
    modules,
    step: (input) => {
      changed.canisters.clear();
      changed.requests.clear();
      changed.settled.length = 0;
      runRound(scheduler, input);
      certifier.note(changed);
      return changed;
    },
  };
}
