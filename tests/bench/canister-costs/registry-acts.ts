// The registry's typical calls, with the real machine: births and an upgrade with all the messages that they take.
import { Principal } from '@dfinity/principal';
import { birthOf, build, callerOf, createRegistryWorld, governor, operator } from '../../registry/world.ts';
import { createMeter } from './meter.ts';
import type { Measured } from './page.ts';

export async function measureRegistry(): Promise<Measured> {
  const world = await createRegistryWorld();
  const meter = createMeter(world.world.replica, world.registry);
  const memory = await meter.memory(world.registryBuild.wasm);
  const { measure } = meter;
  const first = await build('canisters/machine');
  await measure('add_ledger', () => world.addHomeLedger());
  const chunk_hashes = await world.uploadChunks(first.wasm);
  const code = { kind: 'machine', version: '1', module_hash: first.hash, chunk_hashes, candid: first.candid };
  await measure('approve_code, of the machine', () =>
    world.update(governor, 'approve_code', { ...code, layout: first.layout ?? '' }),
  );
  const births = async (count: number, id: string) => {
    const order = { command_id: id, module_hash: [], births: Array.from({ length: count }, () => birthOf()) };
    const answer = (await world.update(operator, 'bear', order)) as { Ok: { first: number } };
    const page = async () => (await world.query('births', answer.Ok.first, count)) as { items: { step: object }[] };
    await world.until('born', async () => (await page()).items.every(({ step }) => 'born' in step), 400);
  };
  await births(1, 'unmeasured');
  await measure('bear, 1 machine, until it is born', () => births(1, 'one'));
  await measure('bear, 10 machines, until they are born', () => births(10, 'ten'));
  await measure('set_birth_terms', () =>
    world.update(governor, 'set_birth_terms', {
      births_per_caller: 100,
      birth_cycles: 3_000_000_000_000n,
      compute: { none: null },
    }),
  );
  await measure('allow_operator', () => world.update(governor, 'allow_operator', Principal.fromText(operator), 100));
  const asUpdates = callerOf(world.world, world.registry, world.registryBuild.candid);
  await measure('machines (query), 10 machines', () => asUpdates.update(operator, 'machines', 0, 10));
  await measure('settings (query)', () => asUpdates.update(operator, 'settings'));
  await world.close();
  return { canister: 'registry', memory, wasm: world.registryBuild.wasm, costs: meter.costs };
}
