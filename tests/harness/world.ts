// A replica in virtual time with universal canisters in it, and the verbs that tests of semantics use.
import { createReplica, type Replica, type ReplicaOptions } from '@tamc/replica';
import { canisterArgument, createCanister, install, manage, reply, updateSettings } from './canisters.ts';
import { call, ints, type Program, replyBlob, replyInts, reply as replyProgram } from './program.ts';
import { type UniversalOptions, universal } from './universal.ts';

export const startNs = 1_700_000_000_000_000_000n;
export const secondNs = 1_000_000_000n;

export interface TestWorld {
  readonly replica: Replica;
  /** A new universal canister. */
  create(options?: UniversalOptions & { cycles?: bigint; arg?: Program }): Promise<string>;
  /** An update that must be answered by a reply. */
  run(canister: string, run: Program): Promise<Uint8Array>;
  /** The same, for a reply made of numbers. */
  runInts(canister: string, run: Program): Promise<bigint[]>;
  /** An update and the reject that it must be answered with. */
  rejected(canister: string, run: Program): Promise<{ code: number; message: string; errorCode: string | null }>;
  /** Numbers that a query finds. */
  look(canister: string, ...numbers: Program[]): Promise<bigint[]>;
  /** What a query pushes as a blob. */
  lookAt(canister: string, pushed: Program): Promise<Uint8Array>;
  /** Time moves, then a few rounds are made. */
  pass(durationNs: bigint, rounds?: number): Promise<void>;
  close(): Promise<void>;
}

export async function createTestWorld(options: ReplicaOptions = {}): Promise<TestWorld> {
  const replica = await createReplica({ memory: true, virtualTime: { startNs }, ...options });
  return worldOf(replica);
}

export function worldOf(replica: Replica): TestWorld {
  const update = (canister: string, arg: Program) => reply(replica.call({ canister, method: 'update', arg }));
  const query = (canister: string, arg: Program) => reply(replica.query({ canister, method: 'query', arg }));
  return {
    replica,
    create: async ({ cycles, arg, ...options } = {}) => {
      const canister = await createCanister(replica, cycles);
      await install(replica, canister, await universal(options), 'install', arg ?? new Uint8Array(0));
      return canister;
    },
    run: update,
    runInts: async (canister, run) => ints(await update(canister, run)),
    rejected: async (canister, run) => {
      const answer = await replica.call({ canister, method: 'update', arg: run });
      if (answer.kind === 'replied') throw new Error('replied, although a reject was expected');
      return answer;
    },
    look: async (canister, ...numbers) => ints(await query(canister, replyInts(...numbers))),
    lookAt: (canister, pushed) => query(canister, replyBlob(pushed)),
    pass: async (durationNs, rounds = 3) => {
      replica.time.advanceNs(durationNs);
      await replica.time.tick(rounds);
    },
    close: () => replica.close(),
  };
}

/** A canister that answers a call only when it is let go: a call to it stays open as long as a test needs. */
export interface Holder {
  readonly canister: string;
  /** What a call to it must run. */
  readonly hold: Program;
  /** All calls that it holds are answered. */
  release(): Promise<void>;
}

/** It stops itself, which lasts as long as its own call is open; starting it makes the stop call fail. */
export async function createHolder({ replica, create, pass }: TestWorld): Promise<Holder> {
  const canister = await create();
  const anonymous = '2vxsx-fae';
  await reply(updateSettings(replica, canister, { controllers: [anonymous, canister] }));
  const arg = canisterArgument(canister);
  return {
    canister,
    hold: call({ callee: 'aaaaa-aa', method: 'stop_canister', arg, onReject: replyProgram('released') }),
    release: async () => {
      await reply(manage(replica, 'start_canister', canister));
      await pass(1n, 10);
    },
  };
}
