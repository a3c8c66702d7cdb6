// One network in memory: the state, the world it lives in, and its certificates; and the one way to move it, `step`.

import type { Principal } from '../codec/principal.ts';
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
  /** Canisters with work, in the order of their turns; all that have some unless given. */
  readonly ready?: readonly Principal[];
}

/** Modules that nobody runs any more are looked for when there are more than this, then at each doubling. */
const modulesMaxAtFirst = 16;

function usedModules({ canisters }: ReplicaState): Set<string> {
  const used = new Set<string>();
  for (const { code } of canisters.values()) if (code !== null) used.add(code.moduleHash);
  return used;
}

export function createNetwork(parts: NetworkParts): Network {
  const { genesis, state, modules } = parts;
  const scheduler = createWorld({ ...parts, subnet: subnetFacts(genesis) });
  const certifier = createCertifier(certifierFacts(genesis), state, modules);
  const { changed } = scheduler;
  let modulesMax = modulesMaxAtFirst;
  const pruneModules = () => {
    if (modules.size() <= modulesMax) return;
    modules.prune(usedModules(state));
    modulesMax = Math.max(modulesMaxAtFirst, 2 * modules.size());
  };
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
      pruneModules();
      return changed;
    },
  };
}
