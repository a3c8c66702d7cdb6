// What a call of a tool takes, client and server and network in one process: `node --import tsx tests/mcp/figures.ts`.
import { createWashers, grant } from './machines.ts';
import { createMcpWorld, dollar, type Json } from './world.ts';

const world = await createMcpWorld();
const assistant = await world.assist('assistant');
const [machine = ''] = await createWashers(assistant, 1);
await grant(world, machine, assistant.person, { budget: { amount: 100n * dollar, period_ns: 3_600_000_000_000n } });
await world.fundMachine(machine, 100n * dollar);

const to = world.owner.text;
const reads: readonly (readonly [string, Json])[] = [
  ['network', {}],
  ['machines', {}],
  ['machine', { machine }],
  ['statement', { machine }],
  ['requests', { machine }],
  ['job', { job: 'births/0-1' }],
];
const writes: readonly (readonly [string, (i: number) => Json])[] = [
  ['set_tariff', (i) => ({ machine, per: 'use', price: `${i + 1}` })],
  ['pay', () => ({ machine, to, amount: '0.01', purpose: 'soap' })],
  ['control', () => ({ machine, do: 'take' })],
];

async function timed(name: string, rounds: number, argsOf: (i: number) => Json): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const startMs = performance.now();
    const { facts, text } = await assistant.call(name, argsOf(i));
    if (facts === null) throw new Error(text);
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1);
  console.log(`${name.padEnd(12)} p50 ${at(0.5).padStart(7)} ms   p95 ${at(0.95).padStart(7)} ms`);
}

for (const [name, args] of reads) await timed(name, 40, () => args);
for (const [name, argsOf] of writes) await timed(name, 30, argsOf);
await world.close();
