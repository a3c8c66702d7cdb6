// A replica in virtual time that notes every message it executes: what a twin on pure rules is then given, in the same order, at the
// same times, with the same answers of neighbours.
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Principal } from '../../replica/src/codec/principal.ts';
import type { Outcome } from '../../replica/src/execution/outcome.ts';
import type { EngineWorld, ExecuteRequest } from '../../replica/src/execution/request.ts';
import { openReplicaIn } from '../../replica/src/replica.ts';
import { openStoreFolder } from '../../replica/src/runtime/store-folder.ts';
import type { OutgoingCall, Payload } from '../../replica/src/state/message.ts';
import { startNs, type TestWorld, worldOf } from '../harness/world.ts';

export interface MadeCall {
  readonly callee: PrincipalHex;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly cycles: bigint;
  /** What the callback of its answer is called with. */
  readonly environment: string;
}

/** One message of one canister, as it was executed. */
export interface Execution {
  readonly canister: PrincipalHex;
  readonly entryPoint: ExecuteRequest['entryPoint'];
  /** The export that was called; null for a callback. */
  readonly name: string | null;
  /** Of a callback. */
  readonly environment: string | null;
  readonly caller: PrincipalHex;
  readonly timeNs: bigint;
  readonly argument: Uint8Array;
  readonly answer: Payload | null;
  /** Balance when it began. */
  readonly balance: bigint;
  readonly calls: readonly MadeCall[];
  /** What it replied itself: not what a later callback does. */
  readonly reply: Uint8Array | null;
  readonly trap: string | null;
}

export interface RecordedWorld extends TestWorld {
  /** Everything executed since this was asked last, of canisters that keep what they do. */
  takeExecutions(): readonly Execution[];
}

export async function createRecordedWorld(): Promise<RecordedWorld> {
  const { replica, network } = await openReplicaIn(await openStoreFolder(null), { virtualTime: { startNs } });
  const { engine, world } = network.scheduler;
  const { execute } = engine;
  let executions: Execution[] = [];
  const recording: typeof execute = (request) => {
    const outcome = execute(request);
    if (request.keep) executions.push(toExecution(world, request, outcome));
    return outcome;
  };
  Object.assign(engine, { execute: recording });
  return {
    ...worldOf(replica),
    takeExecutions: () => {
      const taken = executions;
      executions = [];
      return taken;
    },
  };
}

function toExecution(world: EngineWorld, request: ExecuteRequest, outcome: Outcome): Execution {
  const { canister, entryPoint, target } = request;
  const { effects, trap } = outcome;
  return {
    canister: toHex(canister.id),
    entryPoint,
    name: target.kind === 'export' ? target.name : null,
    environment: target.kind === 'function' ? String(target.reference.environment) : null,
    caller: toHex(request.caller),
    timeNs: world.state.timeNs,
    // Copied: what the replica holds may be a part of a longer buffer, which the Candid library reads from its beginning.
    argument: Uint8Array.from(request.arg ?? []),
    answer: request.answer ?? null,
    balance: outcome.cyclesAtStart,
    calls: effects.calls.map(toMadeCall),
    reply: effects.response?.kind === 'reply' ? effects.response.data : null,
    trap: trap === null ? null : `${trap.kind}: ${trap.message}`,
  };
}

function toMadeCall({ callee, method, arg, cycles, onReply }: OutgoingCall): MadeCall {
  return { callee: toHex(callee), method, argument: arg, cycles, environment: String(onReply.environment) };
}

/** Both write principals in hexadecimal digits. */
const toHex = (principal: Principal) => principal as string as PrincipalHex;
