// Shell (folders): the network that every trial begins with. Our canisters are brought to it once, a scenario is arranged on it once,
// and each trial gets a copy of what is on the disk then: equal trials begin from equal bytes.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOf } from '@tamc/protocol/account';
import { principalToHex } from '@tamc/protocol/principal';
import { deployWorld, type Places } from '@tamc/stack';
import { assertOk, WorldFault } from './expect.ts';
import { assistantTerms, dollar } from './machines.ts';
import { openTrialNetwork } from './network.ts';
import { createPerson, keyOf } from './people.ts';
import type { Scenario } from './scenario.ts';
import { createEvalWorld, type EvalWorld, type Notes } from './world.ts';

export interface Ground {
  /** A world of its own; closing it forgets it. */
  open(scenario: Scenario): Promise<EvalWorld & { close(): Promise<void> }>;
  close(): Promise<void>;
}

interface Kept {
  readonly store: string;
  readonly notes: Notes;
}

/** What people have that nobody arranged: simulated, and as `npm start` gives it. */
const given: Readonly<Record<string, bigint>> = { owner: 1_000n * dollar, assistant: 100n * dollar };

export async function createGround(say: (text: string) => void): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-evals-'));
  const base = join(folder, 'base');
  say('bringing our canisters to a network of the evals …');
  const places = await deployTo(base, say);
  const arranged = new Map<string, Promise<Kept>>();
  let trials = 0;
  const keep = (scenario: Scenario): Promise<Kept> => {
    const known = arranged.get(scenario.name) ?? arrange(base, join(folder, scenario.name), places, scenario);
    arranged.set(scenario.name, known);
    return known;
  };
  return {
    open: async (scenario) => {
      const { store, notes } = await keep(scenario);
      const own = join(folder, `trial-${++trials}`);
      cpSync(store, own, { recursive: true });
      const network = await openTrialNetwork(own);
      const world = createEvalWorld(network, structuredClone(notes));
      const close = async () => {
        await network.close();
        rmSync(own, { recursive: true, force: true });
      };
      return { ...world, close };
    },
    close: async () => {
      await Promise.allSettled(arranged.values());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function deployTo(store: string, say: (text: string) => void): Promise<Places> {
  const network = await openTrialNetwork(store);
  try {
    const connection = await network.connect(keyOf('', 'keeper'));
    const deployed = await deployWorld(connection, { say });
    if (!deployed.ok) throw new WorldFault(`${deployed.error.message} ${deployed.error.nextStep}`);
    const { registry, ledger, desk } = deployed.value;
    const keeper = createPerson('keeper', connection, { registry, ledger, desk });
    for (const [i, [name, amount]] of Object.entries(given).entries()) {
      const to = accountOf(principalToHex(keyOf('', name).getPrincipal()));
      assertOk(await keeper.ledger.transfer({ to, amount, createdNs: network.nowNs() + BigInt(i) }));
    }
    // As `npm start` does it: machines that the assistant brings to life for the owner begin with this mandate.
    const owner = createPerson('owner', await network.connect(keyOf('', 'owner')), { registry, ledger, desk });
    const delegate = keyOf('', 'assistant').getPrincipal();
    const terms = assistantTerms(ledger, network.nowNs());
    assertOk(await owner.registry.set_standing_mandate({ delegate, terms }));
    return { registry, ledger, desk };
  } finally {
    await network.close();
  }
}

async function arrange(base: string, store: string, places: Places, scenario: Scenario): Promise<Kept> {
  cpSync(base, store, { recursive: true });
  const balances = new Map(Object.keys(given).map((name) => [name, 0n]));
  const notes: Notes = {
    places,
    seed: scenario.seed,
    machines: new Map(),
    devices: new Map(),
    balances,
    began: { atNs: 0n },
  };
  const network = await openTrialNetwork(store);
  try {
    const world = createEvalWorld(network, notes);
    await scenario.arrange(world);
    await world.begin();
  } finally {
    await network.close();
  }
  return { store, notes };
}
