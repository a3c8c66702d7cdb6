// The simulated desk's calls: a machine that is short of cycles pays, and tells the desk the block.
import { secondNs } from '../../harness/world.ts';
import { buildMachine } from '../../machine/machine-world.ts';
import { createMoneyWorld, operator } from '../../machine/money-world.ts';
import { createMeter } from './meter.ts';
import type { Measured } from './page.ts';
import { measureQueries } from './queries.ts';

/** The most that terms take, and a little more than it has: it buys at once. */
const lowCycles = 10n ** 15n;

export async function measureDesk(): Promise<Measured> {
  const world = await createMoneyWorld();
  const { machine, home, replica, desk } = world;
  const meter = createMeter(replica, desk);
  const { wasm, methods } = await buildMachine('canisters/simulated-desk');
  const memory = await meter.memory(wasm);
  const block = await world.mint('compute', 1_000n);
  await machine.done(operator, 'announce_receipt', { ledger: home, block });
  const terms = { target: 0n, low_cycles: lowCycles, floor_cycles: 10n, top_up_amount: 600n };
  await meter.measure(
    'top_up, of a machine',
    () => machine.done(operator, 'set_compute', terms),
    async () => {
      for (let i = 0; i < 3; i++) await world.pass(16n * secondNs, 15);
    },
  );
  const [bought] = await machine.query('top_ups', 0, 10);
  if (!('delivered' in bought.status)) throw new Error('nothing was bought');
  const target = { replica, canister: desk, methods };
  await measureQueries(target, meter, [{ method: 'price' }, { method: 'layout' }]);
  await world.close();
  return { canister: 'simulated-desk', memory, wasm, costs: meter.costs };
}
