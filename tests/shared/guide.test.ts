// The canister of docs/guides/writing-a-canister.md is built, installed and called as it is written there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { type CandidEvents, candidToEventsPage, EventsType, firstCursor, followEvents } from '@tamc/protocol/events';
import { AnswerType } from '@tamc/protocol/refusal';
import { buildCanister } from '@tamc/stack';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reply as answered, createCanister, decode, encode, install } from '../harness/canisters.ts';
import { reply } from '../harness/program.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { root, startMemoryReplica, startProgram } from '../program.ts';

const guide = readFileSync(join(root, 'docs/guides/writing-a-canister.md'), 'utf8');
const files = [...guide.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => ({
  name,
  code,
}));

let folder = '';
let world: TestWorld;
beforeAll(async () => {
  const scratch = join(root, '.tamc', 'scratch');
  mkdirSync(scratch, { recursive: true });
  folder = mkdtempSync(join(scratch, 'guide-'));
  for (const { name, code } of files) writeFileSync(join(folder, name), code);
  world = await createTestWorld();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

it('prints what it says where its rules run in Node', async () => {
  const expected = [...guide.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
  const program = startProgram(['--import', 'tsx', join(folder, 'try.ts')]);
  expect(await program.ended, program.output()).toBe(0);
  expect(program.output().trim().split('\n')).toEqual(expected);
});

it('is built, installed and called by the commands that it names', async () => {
  const block = /```sh\n([\s\S]*?)```\n\nThe answer is `(.*?)`/.exec(guide)!;
  const answer = block[2]!;
  const [build, installing, call] = block[1]!.trim().split('\n');
  const network = await startMemoryReplica();
  const run = async (line: string, id = '') => {
    const words = line.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''));
    const [, program, ...rest] = words.map((word) =>
      word.replace('.tamc/scratch/doorbell', folder).replace('http://127.0.0.1:8000', network.url).replace(/^ID$/, id),
    );
    const started = startProgram(program === 'tamc' ? ['stack/bin/tamc.mjs', ...rest] : ['--import', 'tsx', ...rest]);
    expect(await started.ended, started.output()).toBe(0);
    return started.output().trim();
  };
  try {
    await run(build!);
    const id = await run(installing!);
    expect(await run(call!, id)).toBe(answer);
  } finally {
    await network.stop();
  }
}, 120_000);

const Ring = IDL.Record({ number: IDL.Nat, note: IDL.Text, heard: IDL.Text });

it('is a canister that rings once for a command id, tells its listener, and logs both', async () => {
  const built = await buildCanister(folder);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  const { replica } = world;
  const canister = await createCanister(replica);
  // A universal canister runs what it is told: the note is its program.
  const listener = await world.create();
  await install(
    replica,
    canister,
    built.value.wasm,
    'install',
    encode([IDL.Principal], [Principal.fromText(listener)]),
  );

  const ring = async (id: string, note: string) => {
    const arg = encode([IDL.Text, IDL.Text], [id, note]);
    return decode([AnswerType(Ring)], await answered(replica.call({ canister, method: 'ring', arg })))[0];
  };
  const note = new TextDecoder().decode(reply());
  expect(await ring('c1', note)).toEqual({ Ok: { number: 0n, note, heard: 'yes' } });
  expect(await ring('c1', note)).toEqual({ Ok: { number: 0n, note, heard: 'yes' } });
  expect(await ring('c2', 'what it cannot run')).toMatchObject({ Ok: { number: 1n, heard: 'no' } });
  expect(await ring('c3', 'x'.repeat(81))).toMatchObject({ Err: { code: 'NoteTooLong' } });

  const arg = encode([IDL.Nat, IDL.Nat32], [0, 10]);
  const data = await answered(replica.query({ canister, method: 'events', arg }));
  const page = candidToEventsPage(decode([EventsType], data)[0] as CandidEvents);
  expect(followEvents(firstCursor, page)).toMatchObject({ ok: true, value: { next: 4 } });
});
