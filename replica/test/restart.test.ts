// What a network that is opened again must still know.
import { beforeAll, describe, expect, it } from 'vitest';
import { createCanister, createWith, reply } from '../../tests/harness/canisters.ts';
import { withCustomSection } from '../../tests/harness/custom-section.ts';
import { buildDiary, encodeId } from './diary.ts';
import {
  firstOf,
  ids,
  listening,
  newDisk,
  type Open,
  open,
  problemOf,
  reopen,
  secondNs,
  ticks,
} from './restart-world.ts';

let diary: Uint8Array;
let diaryWithHeartbeat: Uint8Array;

beforeAll(async () => {
  diary = await buildDiary({ edition: 1 });
  diaryWithHeartbeat = await buildDiary({ edition: 2, hasHeartbeat: true });
});

describe('a network that is opened again', () => {
  it('has nothing to execute again after a clean close [durable.close]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    await reply(first.replica.call({ canister, method: 'note', arg: encodeId(5n) }));
    const hash = first.replica.stateHash();
    await first.replica.close();
    const second = await reopen(disk);
    expect(second.replica.replayedRounds).toBe(0);
    expect(second.replica.stateHash()).toBe(hash);
    expect(await ids(second, canister)).toEqual([5n]);
  });

  it('executes what no checkpoint holds again, and says how far it is [durable.replay]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    const canister = await createWith(replica, diary);
    for (let i = 0; i < 10; i++) await reply(replica.call({ canister, method: 'note', arg: encodeId(BigInt(i)) }));
    const told: number[] = [];
    const again = await reopen(disk, { onProgress: (round, last) => told.push(last - round) });
    expect(again.replica.replayedRounds).toBe(replica.round() - 1);
    expect(told.length).toBe(again.replica.replayedRounds);
    expect(told.at(-1)).toBe(0);
    expect(again.replica.stateHash()).toBe(replica.stateHash());
  });

  it('executes no round again twice when that was enough for a checkpoint [durable.replay]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    const canister = await createWith(replica, diary);
    for (let i = 0; i < 10; i++) await reply(replica.call({ canister, method: 'note', arg: encodeId(BigInt(i)) }));
    const second = disk.afterKill();
    expect((await open(second, { checkpointInstructions: 1n })).replica.replayedRounds).toBeGreaterThan(10);
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    const third = await reopen(second);
    expect(third.replica.replayedRounds).toBe(0);
    expect(third.replica.stateHash()).toBe(replica.stateHash());
  });

  it('reads a module once that is installed many times in a row [durable.blobs]', async () => {
    const disk = newDisk();
    const big = withCustomSection(diary, 'filler', 'x'.repeat(100_000));
    const { replica } = await open(disk);
    for (let i = 0; i < 5; i++) await createWith(replica, big);
    const { left, read } = listening(disk.afterKill());
    const again = await open(left);
    expect(again.replica.stateHash()).toBe(replica.stateHash());
    expect(read.length).toBe(1);
    expect(read[0]).toMatch(/^blob-/);
  });

  it('takes a call that it has answered before for what it is: the same one [durable.once]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    const call = firstCall(first, canister);
    await submit(first, call);
    const second = await reopen(disk);
    await submit(second, call);
    expect(await ids(second, canister)).toEqual([9n]);
    expect(second.network.state.requests.get(call.requestId)?.status.kind).toBe('replied');
  });

  it('goes on with calls that were under way [durable.calls]', async () => {
    const disk = newDisk();
    // A round ends after each message.
    const options = { instructionLimits: { round: 1n }, checkpointInstructions: 1n };
    const first = await open(disk, options);
    const canister = await createWith(first.replica, diary);
    void first.replica.call({ canister, method: 'spin', arg: encodeId(7n, 20) }).catch(() => {});
    for (let i = 0; i < 10; i++) await first.replica.time.tick();
    const openCalls = firstOf(first).callContexts.size;
    expect(openCalls).toBeGreaterThan(3);
    const second = await reopen(disk, options);
    expect(firstOf(second).callContexts.size).toBe(openCalls);
    for (let i = 0; i < 60; i++) await second.replica.time.tick();
    expect(await ids(second, canister)).toEqual([7n]);
    expect(firstOf(second).callContexts.size).toBe(0);
  });

  it('still knows when best-effort calls end [durable.deadlines]', async () => {
    const disk = newDisk();
    const options = { instructionLimits: { round: 1n } };
    const first = await open(disk, options);
    const canister = await createWith(first.replica, diary);
    const other = await createWith(first.replica, diary);
    const callee = [...first.network.state.canisters.keys()][1]!;
    const arg = encodeId(7n, 10, 40, ...Buffer.from(callee, 'hex'));
    void first.replica.call({ canister, method: 'relay', arg }).catch(() => {});
    for (let i = 0; i < 6; i++) await first.replica.time.tick();
    await first.driver.checkpoint();
    const second = await reopen(disk, options);
    const caller = firstOf(second);
    expect(caller.callbacks.size).toBe(1);
    second.replica.time.advanceNs(11n * secondNs);
    for (let i = 0; i < 4; i++) await second.replica.time.tick();
    expect(caller.callbacks.size).toBe(0);
    expect([...second.network.state.requests.values()].at(-1)!.status.kind).toBe('rejected');
    for (let i = 0; i < 100; i++) await second.replica.time.tick();
    expect(await ids(second, other)).toEqual([7n]);
  });

  it('rings timers and beats hearts [durable.timers]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    await reply(first.replica.call({ canister, method: 'arm', arg: encodeId(5n * secondNs) }));
    const beating = await createWith(first.replica, diaryWithHeartbeat);
    await first.driver.checkpoint();
    const second = await reopen(disk);
    expect([await ticks(second, canister), await ticks(second, beating)]).toEqual([0, 0]);
    second.replica.time.advanceNs(6n * secondNs);
    await second.replica.time.tick();
    expect([await ticks(second, canister), await ticks(second, beating)]).toEqual([1, 1]);
  });

  it('is the network that it was made as, whatever the options say [durable.genesis]', async () => {
    const disk = newDisk();
    const first = await open(disk, { seed: 'one', nodeCount: 34 });
    const { rootKey } = first.replica;
    await createCanister(first.replica);
    const problem = await problemOf(reopen(disk, { seed: 'two', nodeCount: 34 }));
    expect(problem).toMatchObject({ kind: 'input', code: 'otherNetwork' });
    expect(problem.message).toContain('another seed');
    const again = await reopen(disk);
    expect(again.replica.rootKey).toEqual(rootKey);
    expect(again.network.genesis.nodeCount).toBe(34);
  });
});

function firstCall({ core, network }: Open, canister: string) {
  const id = [...network.state.canisters.keys()][0]!;
  expect(canister).not.toBe('');
  return {
    requestId: 'ab'.repeat(32),
    sender: network.state.canisters.get(id)!.controllers[0]!,
    senderInfo: null,
    canisterId: id,
    effectiveId: id,
    method: 'note',
    arg: encodeId(9n),
    expiryNs: core.nowNs() + 60n * secondNs,
  };
}

async function submit({ core }: Open, call: ReturnType<typeof firstCall>): Promise<void> {
  const submission = core.submit(call);
  if (submission.kind === 'refused') throw new Error(submission.reject.message);
  await submission.answered;
}
