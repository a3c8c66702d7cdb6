// Shell: one look at the world by everybody, in order: each device does what its machine asks for, each customer what it wants.
// Whoever cannot reach the network tries again at the next look; nothing is done twice, because every act is known by its id.
import type { PrincipalHex } from '@tamc/protocol/principal';
import { stepCustomer } from './customer.ts';
import { type Happening, refusalOf } from './happening.ts';
import { tickOf } from './pace.ts';
import type { TownState } from './people.ts';
import { runDevice } from './run-device.ts';
import { fundCustomers } from './settle.ts';
import { visit, visitOthers } from './visit.ts';

/** Money is looked after this often. */
const ticksPerFunding = 72n;

export async function tickTown(
  town: TownState,
  machines: ReadonlyMap<string, PrincipalHex>,
): Promise<readonly Happening[]> {
  const nowNs = town.network.nowNs();
  const happenings: Happening[] = [];
  if (tickOf(town.pace, nowNs) % ticksPerFunding === 0n) {
    happenings.push(...refusalOf('minter', await fundCustomers(town)));
  }
  for (const plan of town.plan.machines) {
    const id = machines.get(plan.name);
    if (id === undefined) continue;
    const device = town.people.device(plan);
    const hands = { self: device.id, machine: device.machine(id), keep: town.keep };
    happenings.push(...(await runDevice({ seed: town.seed, plan, pace: town.pace }, hands, nowNs)));
  }
  for (const customer of town.people.customers) {
    const setting = { seed: town.seed, name: customer.name, pace: town.pace };
    const wish = stepCustomer(setting, town.plan.machines, nowNs);
    const id = wish === null ? undefined : machines.get(wish.machine.name);
    if (wish === null || id === undefined) continue;
    const { machine, quantity, commandId } = wish;
    happenings.push(await visit(town, customer, { id, name: machine.name, quantity, commandId }, nowNs));
  }
  happenings.push(...(await visitOthers(town, machines, nowNs)));
  return happenings;
}
