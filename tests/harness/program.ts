// Programs for the universal test canister. A program is bytes; programs are put together by `program(...)`.

import { Principal } from '@dfinity/principal';
import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { operations } from './operations.ts';
import { firstOpcode, hooks, literals } from './universal.ts';

export type Program = Uint8Array;

const opcodes = new Map(operations.map(({ name }, index) => [name, index + firstOpcode]));
if (opcodes.size + firstOpcode > 0x44) throw new Error('opcode 0x44 is taken');

export const nothing: Program = new Uint8Array(0);

export function program(...parts: Program[]): Program {
  return concatBytes(...parts);
}

export function op(name: string, ...operands: Program[]): Program {
  const opcode = opcodes.get(name);
  if (opcode === undefined) throw new Error(`no operation ${name}`);
  return concatBytes(...operands, Uint8Array.of(opcode));
}

export function int(value: bigint | number): Program {
  const bytes = new Uint8Array(9);
  bytes[0] = literals.int;
  new DataView(bytes.buffer).setBigInt64(1, BigInt(value), true);
  return bytes;
}

export function blob(content: Uint8Array | string): Program {
  const data = typeof content === 'string' ? textToBytes(content) : content;
  const head = new Uint8Array(5);
  head[0] = literals.blob;
  new DataView(head.buffer).setUint32(1, data.length, true);
  return concatBytes(head, data);
}

/** Principal in text form as a blob. */
export function id(text: string): Program {
  return blob(Principal.fromText(text).toUint8Array());
}

export const reply = (content: Uint8Array | string = ''): Program =>
  program(op('msg_reply_data_append', blob(content)), op('msg_reply'));
/** Replies with numbers, each an operation that pushes one. */
export const replyInts = (...numbers: Program[]): Program =>
  program(...numbers.map((number) => op('append_int', number)), op('msg_reply'));
/** Replies with what an operation pushes as a blob. */
export const replyBlob = (pushed: Program): Program => program(op('msg_reply_data_append', pushed), op('msg_reply'));
export const reject = (message: string): Program => op('msg_reject', blob(message));
export const trap = (message: string): Program => op('trap', blob(message));

export const setGlobal = (value: bigint | number): Program => op('set_global', int(value));
export const setCell = (cell: number, value: bigint | number): Program => op('set_cell', int(cell), int(value));
export const addToCell = (cell: number, value: bigint | number): Program => op('add_to_cell', int(cell), int(value));
export const getCell = (cell: number): Program => op('get_cell', int(cell));
export const setHook = (hook: keyof typeof hooks, run: Program): Program => op('set_hook', int(hooks[hook]), blob(run));
export const repeat = (times: number, run: Program): Program => op('repeat', int(times), blob(run));

export interface CallOptions {
  readonly callee: string;
  readonly method?: string;
  /** What the callee runs, if it is a universal canister too. */
  readonly arg?: Program;
  readonly onReply?: Program;
  readonly onReject?: Program;
  readonly onCleanup?: Program;
  readonly cycles?: bigint;
  readonly timeoutSeconds?: number;
}

/** A call; the result of call_perform is left on the stack. */
export function performCall(options: CallOptions): Program {
  const { callee, method = 'update', arg = reply(), onReply = nothing, onReject = nothing } = options;
  return program(
    op('call_new', id(callee), blob(method), blob(onReply), blob(onReject)),
    ...(options.onCleanup === undefined ? [] : [op('call_on_cleanup', blob(options.onCleanup))]),
    op('call_data_append', blob(arg)),
    ...(options.cycles === undefined ? [] : [op('call_cycles_add', int(options.cycles))]),
    ...(options.timeoutSeconds === undefined
      ? []
      : [op('call_with_best_effort_response', int(options.timeoutSeconds))]),
    op('call_perform'),
  );
}

/** A call that must be performed. */
export function call(options: CallOptions): Program {
  return op('when', performCall(options), blob(trap('the call was not performed')));
}

/** In a callback: passes on what came. */
export const passOn = {
  onReply: replyBlob(op('arg')),
  onReject: program(
    op('append_int', op('msg_reject_code')),
    op('msg_reply_data_append', op('reject_message')),
    op('msg_reply'),
  ),
};

/** The numbers of a reply by `replyInts`. */
export function ints(data: Uint8Array): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length / 8 }, (_, index) => view.getBigUint64(index * 8, true));
}

/** Reject code and message, as `passOn.onReject` replies them. */
export function passedReject(data: Uint8Array): { code: number; message: string } {
  const [code] = ints(data.subarray(0, 8));
  return { code: Number(code), message: new TextDecoder().decode(data.subarray(8)) };
}
