// Prints what the ground of our canisters costs in Wasm, in instructions: the table in docs/guides/writing-a-canister.md.
// Run it with: npx tsx tests/shared/costs.ts
import { measures } from '../canisters/tables-probe/measures.ts';
import { createTestWorld } from '../harness/world.ts';
import { createProbe } from './probe.ts';

const times = 200;
const world = await createTestWorld();
const probe = await createProbe(world);
console.log('| work | instructions |\n|---|---:|');
for (const name of Object.keys(measures)) {
  const instructions = await probe.measure(name, times);
  console.log(`| ${name} | ${(Math.round(instructions / 1000) * 1000).toLocaleString('en')} |`);
}
await world.close();
