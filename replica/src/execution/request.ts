// What the engine is asked to execute, and the world it executes in.
import type { Principal } from '../codec/principal.ts';
import type { Canister } from '../state/canister.ts';
import type { FunctionReference, Payload, SenderInfo } from '../state/message.ts';
import type { World } from '../state/world.ts';
import type { EntryPoint } from './execution.ts';

export type EngineWorld = Pick<World, 'state' | 'subnet' | 'modules' | 'pool' | 'limits'>;

export interface ExecuteRequest {
  readonly canister: Canister;
  readonly entryPoint: EntryPoint;
  readonly target:
    | { readonly kind: 'export'; readonly name: string }
    | { readonly kind: 'function'; readonly reference: FunctionReference };
  readonly limit: bigint;
  /** What `ic0.time` gives; that of the round unless a query is asked long after it. */
  readonly timeNs?: bigint;
  readonly caller: Principal;
  /** Whether changes of memory are kept when it returns. */
  readonly keep: boolean;
  readonly senderInfo?: SenderInfo | null;
  readonly arg?: Uint8Array;
  readonly answer?: Payload | null;
  readonly cyclesAvailable?: bigint;
  readonly cyclesRefunded?: bigint;
  readonly methodName?: string;
  readonly deadlineNs?: bigint;
  readonly callContextInstructions?: bigint;
  readonly alreadyAnswered?: boolean;
  readonly dataCertificate?: () => Uint8Array | null;
}
