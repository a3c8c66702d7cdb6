// What an execution came to, and how a trap is told to the caller (texts as the main network words them: public
// client code matches them).
import { type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type ErrorName, type Reject } from '../errors.ts';
import { deepCallsMax } from './deep-limits.ts';
import { type Effects, Trap, type TrapKind } from './execution.ts';

export interface Outcome {
  readonly trap: Trap | null;
  /** To be applied only when there is no trap. */
  readonly effects: Effects;
  /** Balance when the execution started, to apply the difference. */
  readonly cyclesAtStart: bigint;
  readonly reservedAtStart: bigint;
  readonly instructions: bigint;
  readonly width: 32 | 64;
  /** Only then it costs cycles and its logs are kept (these also when it trapped). */
  readonly isReplicated: boolean;
}

const errorOfTrap: Record<TrapKind, ErrorName> = {
  calledTrap: 'canisterCalledTrap',
  wasmTrap: 'canisterTrapped',
  contractViolation: 'canisterContractViolation',
  misuse: 'canisterContractViolation',
  instructionLimit: 'canisterInstructionLimitExceeded',
  outOfMemory: 'canisterOutOfMemory',
  memoryAccessLimit: 'canisterMemoryAccessLimitExceeded',
  outOfCycles: 'insufficientCyclesInMemoryGrow',
  wasmMemoryLimit: 'canisterWasmMemoryLimitExceeded',
  reservedCyclesLimit: 'reservedCyclesLimitExceededInMemoryGrow',
  deepStackMemory: 'canisterWasmEngineError',
  deepStackCalls: 'canisterWasmEngineError',
};

const handleFailures =
  'Consider gracefully handling failures from this canister or altering the canister to handle exceptions.';

/** What to do about a trap, and where the documentation says more. */
const adviceOfTrap: Partial<Record<TrapKind, readonly [advice: string, anchor: string]>> = {
  calledTrap: [handleFailures, 'trapped-explicitly'],
  wasmTrap: [handleFailures, 'trapped'],
  instructionLimit: [
    'Try optimizing this method to consume fewer instructions or split the work across multiple messages.',
    'instruction-limit-exceeded',
  ],
  outOfMemory: [
    "Check the canister's memory usage against its allocation and the system wide limits to determine why more memory " +
      'cannot be allocated.',
    'out-of-memory',
  ],
  memoryAccessLimit: [
    "Try optimizing the use of stable memory so that individual messages don't need to access as much stable memory.",
    'memory-access-limit-exceeded',
  ],
  outOfCycles: ['Try topping up the canister.', 'insufficient-cycles-in-memory-grow'],
  reservedCyclesLimit: [
    "Try increasing the canister's reserved cycles limit.",
    'reserved-cycles-limit-exceeded-in-memory-grow',
  ],
  wasmMemoryLimit: [
    'Try checking the canister for a possible memory leak or modifying it to use more stable memory instead of Wasm memory.',
    'wasm-memory-limit-exceeded',
  ],
};

export function trapToReject(canister: Principal, trap: Trap): Reject {
  return createReject(
    errorOfTrap[trap.kind],
    `Error from Canister ${principalToText(canister)}: ${trapText(trap)}${renderAdvice(trap.kind)}`,
  );
}

function renderAdvice(kind: TrapKind): string {
  const found = adviceOfTrap[kind];
  if (found === undefined) return '';
  const [advice, anchor] = found;
  const link = `https://internetcomputer.org/docs/current/references/execution-errors#${anchor}`;
  return `\n${advice} See documentation: ${link}`;
}

function trapText(trap: Trap): string {
  switch (trap.kind) {
    case 'calledTrap':
      return `Canister called \`ic0.trap\` with message: '${trap.message}'.`;
    case 'wasmTrap':
      return `Canister trapped: ${trap.message}.`;
    case 'contractViolation':
      return `Canister violated contract: ${trap.message}.`;
    case 'instructionLimit':
      return 'Canister exceeded the instruction limit for single message execution.';
    case 'deepStackMemory':
      return 'The execution needed a deep stack, and this machine had no memory for one: call again when it has more.';
    case 'deepStackCalls':
      return (
        `The execution called the system more than ${deepCallsMax} times after its calls had nested so deep that it ` +
        'needed a stack of its own, where such calls are slow: recurse less deep, or split the work across messages.'
      );
    default:
      return trap.message;
  }
}

/** V8's words for the ways in which WebAssembly traps, and ours (the main network's). */
const wasmTrapTexts: readonly (readonly [RegExp, string])[] = [
  [/unreachable/, 'unreachable'],
  [/divide by zero|remainder by zero/, 'integer division by 0'],
  [/divide result unrepresentable|float unrepresentable/, 'arithmetic overflow or conversion out of range'],
  [/memory access out of bounds|data segment/, 'heap out of bounds'],
  [/null function|signature mismatch|invalid function/, 'indirect call to a function of another type or to none'],
  [/table index|table access|element segment|out of bounds/, 'table out of bounds'],
];

/** What a caller is told when calls nest too deep. */
export const stackOverflow = 'stack overflow';

/** V8's own stack ended. That says nothing about the canister: how deep it reached differs from run to run. */
export function isHostStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/.test(error.message);
}

/** Every way in which running guest code can end other than by returning. Anything else is our own bug: rethrown. */
export function errorToTrap(error: unknown): Trap {
  if (error instanceof Trap) return error;
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  const known = wasmTrapTexts.find(([pattern]) => pattern.test(error.message));
  return new Trap('wasmTrap', known === undefined ? error.message : known[1]);
}
