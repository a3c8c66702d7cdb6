// One execution of one exported function or callback: what it was given, what it has done so far.
// Effects count only when it returns; on a trap the whole record is dropped.
import type { Principal } from '../codec/principal.ts';
import type { FunctionReference, OutgoingCall, Payload, SenderInfo } from '../state/message.ts';

/**
 * Where the System API may be called from, in the letters of the specification:
 * I init and post_upgrade · G pre_upgrade · U update · RQ/NRQ query, replicated or not · TQ outcall transform ·
 * CQ composite query · Ry/Rt reply/reject callback · CRy/CRt the same in a composite query · C/CC cleanup ·
 * s start · F inspect_message · T heartbeat, global timer, low memory hook.
 */
export type EntryPoint =
  | 'I'
  | 'G'
  | 'U'
  | 'RQ'
  | 'NRQ'
  | 'TQ'
  | 'CQ'
  | 'Ry'
  | 'Rt'
  | 'CRy'
  | 'CRt'
  | 'C'
  | 'CC'
  | 's'
  | 'F'
  | 'T';

export interface Execution {
  readonly entryPoint: EntryPoint;
  readonly width: 32 | 64;
  readonly input: ExecutionInput;
  readonly environment: Environment;
  readonly effects: Effects;
  readonly memory: GuestMemory;
  readonly stable: StableAccess;
  /** Instructions used so far, as `performance_counter(0)` shows them. */
  instructionsUsed(): bigint;
  /** Takes `count` instructions from the fuel; throws the out-of-instructions trap when they are not there. */
  charge(count: number): void;
}

/** What the message brought. Fields that the entry point does not have are empty, 0 or null. */
export interface ExecutionInput {
  readonly timeNs: bigint;
  readonly caller: Principal;
  readonly senderInfo: SenderInfo | null;
  readonly arg: Uint8Array;
  /** The answer that a callback is run for. */
  readonly answer: Payload | null;
  readonly cyclesRefunded: bigint;
  /** Only for inspect_message. */
  readonly methodName: string;
  /** 0 = none. */
  readonly deadlineNs: bigint;
  /** Instructions of earlier executions in the same call context. */
  readonly callContextInstructions: bigint;
  /** The certificate over this canister's certified data; null where there is none to see. */
  dataCertificate(): Uint8Array | null;
}

/** Facts about the canister and its network, constant during an execution. */
export interface Environment {
  readonly canisterId: Principal;
  readonly controllers: readonly Principal[];
  /** 1 running, 2 stopping, 3 stopped. */
  readonly status: 1 | 2 | 3;
  readonly canisterVersion: bigint;
  readonly environmentVariables: readonly { readonly name: string; readonly value: string }[];
  readonly settings: {
    readonly freezingThresholdSeconds: bigint;
    readonly memoryAllocation: bigint;
    readonly computeAllocation: bigint;
    readonly reservedCyclesLimit: bigint;
    readonly wasmMemoryLimit: bigint;
    readonly logMemoryLimit: bigint;
  };
  readonly reservedCycles: bigint;
  /** Bytes the canister uses besides heap and stable memory (module, chunks, logs, history), for the freezing limit. */
  otherMemoryBytes(): bigint;
  readonly heapBytesAtStart: bigint;
  /** Used or allocated by all other canisters of the subnet together, for the storage reservation. */
  otherCanistersBytes(): bigint;
  /** Instructions a callback may use; a call sets their price aside. */
  readonly callbackInstructionLimit: bigint;
  readonly subnet: SubnetFacts;
  /** Calls and responses already open from this canister to `callee`; the queue holds 500. */
  openCallsTo(callee: Principal): number;
  isReplicated: boolean;
}

export interface SubnetFacts {
  readonly subnetId: Principal;
  readonly nodeCount: number;
  readonly costSchedule: 'normal' | 'free';
  /** DER. */
  readonly rootKey: Uint8Array;
  /** Only subnets on a free schedule have some. */
  readonly admins?: readonly Principal[];
}

export interface Effects {
  /** Main balance as it stands now in this execution: after accepting, sending, burning and setting aside. */
  cycles: bigint;
  /** Reserved balance as it stands now (memory growth moves cycles here). */
  reservedCycles: bigint;
  /** Of the incoming call, not accepted yet. */
  cyclesAvailable: bigint;
  cyclesAccepted: bigint;
  cyclesBurned: bigint;
  /** Bytes appended so far for the reply. */
  replyParts: Uint8Array[];
  replyBytes: number;
  response:
    | { readonly kind: 'reply'; readonly data: Uint8Array }
    | { readonly kind: 'reject'; readonly message: string }
    | null;
  /** Whether the call context was already answered before this execution (or there is nobody to answer). */
  readonly alreadyAnswered: boolean;
  /** Between call_new and call_perform. */
  pendingCall: PendingCall | null;
  calls: OutgoingCall[];
  /** How many of `calls` go to each callee. */
  readonly callsPerCallee: Map<Principal, number>;
  certifiedData: Uint8Array | null;
  /** The timer as it stands now; changed by global_timer_set. */
  globalTimerNs: bigint;
  /** inspect_message said yes. */
  accepted: boolean;
  /** The newest lines that fit the log; kept also when the execution traps. */
  logs: Uint8Array[];
  logBytes: number;
  /** Older lines that no longer fit; they still count in the index. */
  logsDropped: number;
}

export interface PendingCall {
  readonly callee: Principal;
  readonly method: string;
  readonly methodBytes: number;
  readonly onReply: FunctionReference;
  readonly onReject: FunctionReference;
  onCleanup: FunctionReference | null;
  argParts: Uint8Array[];
  argBytes: number;
  cycles: bigint;
  /** Null = guaranteed response. */
  timeoutSeconds: number | null;
}

/** The canister's heap as the host may touch it. Addresses come as i32 (signed) or i64; out of bounds is a trap. */
export interface GuestMemory {
  /** A copy. */
  read(address: number | bigint, size: number | bigint): Uint8Array;
  write(address: number | bigint, bytes: Uint8Array): void;
  sizeBytes(): number;
}

/** Stable memory in this execution; sizes in 64 KiB pages. */
export interface StableAccess {
  sizePages(): number;
  /** The old size, or -1 (beyond 500 GiB, or memory cannot be had). */
  grow(additionalPages: number): number;
  /** Out of bounds is a trap. */
  read(offset: bigint, size: number): Uint8Array;
  write(offset: bigint, bytes: Uint8Array): void;
  /** 4 KiB pages written for the first time in this execution so far. */
  newlyWrittenPages(): number;
}

/** Ends an execution. `error` names the code a caller sees. */
export class Trap extends Error {
  override readonly name = 'Trap';
  readonly kind: TrapKind;
  constructor(kind: TrapKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export type TrapKind =
  /** ic0.trap: the message is the canister's own text. */
  | 'calledTrap'
  /** A Wasm trap or an address out of bounds. */
  | 'wasmTrap'
  /** The System API was used against its contract. */
  | 'contractViolation'
  /** The same code to a caller, but the message is a whole sentence of its own. */
  | 'misuse'
  | 'instructionLimit'
  | 'outOfMemory'
  | 'memoryAccessLimit'
  | 'outOfCycles'
  | 'wasmMemoryLimit'
  | 'reservedCyclesLimit'
  /** Not the canister's doing: this process ended the execution (host-ends.ts). */
  | 'deepStackMemory'
  | 'deepStackCalls';
