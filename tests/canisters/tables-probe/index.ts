// Shows what the ground of all canisters does in Wasm: tables in stable memory, the event log, calls through the outbox.
import { bytesToHex } from '@tamc/base/bytes';
import { parse } from '@tamc/base/codec';
import { ok, refuse } from '@tamc/base/result';
import { EventsType } from '@tamc/protocol/events';
import { principalToHex } from '@tamc/protocol/principal';
import { AnswerType, defineRefusals } from '@tamc/protocol/refusal';
import { limitArguments } from '@tamc/shared/azle/argument-limits';
import { createShell } from '@tamc/shared/azle/shell';
import { createStableStore } from '@tamc/shared/azle/stable-store';
import type { OutcomeRule, Rule } from '@tamc/shared/canister';
import { stateHash } from '@tamc/shared/tables/index';
import { IDL, init, inspectMessage, type Principal, performanceCounter, postUpgrade, query, trap, update } from 'azle';
import { measures } from './measures.ts';
import { noted, operationsCodec, type ProbeTables, probeTables, runOperations } from './operations.ts';

type Noted = { readonly id: string; readonly word: string };

const no = defineRefusals({
  Unwilling: { kind: 'state', message: 'Refused as asked: {id}.', nextStep: 'Ask for something else.' },
});

interface Send {
  readonly id: string;
  readonly callee: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly isRepeatable: boolean;
}

const send: Rule<ProbeTables, Send, Noted, string> = (_tables, _context, { id, callee, ...call }) => {
  if (id === 'refuse') return refuse(no('Unwilling', { id }));
  const outgoing = { id: `probe/${id}`, callee: principalToHex(callee), cycles: 0n, ...call };
  return ok({ events: [{ id: outgoing.id, word: 'asked' }], calls: [outgoing], reply: outgoing.id });
};

/** Fails as `faults` says: `throw` as a bug would, `trap` as running out of instructions would. */
const probe: OutcomeRule<ProbeTables, Noted> = ({ faults }, _context, id, outcome) => {
  if (faults.get() === 'throw') throw new Error('a bug in the outcome rule');
  if (faults.get() === 'trap') trap('a trap in the outcome rule');
  const word = outcome.kind === 'rejected' ? `rejected ${outcome.code}` : outcome.kind;
  return ok({ events: [{ id, word }], calls: [], reply: null });
};

const shell = createShell<ProbeTables, Noted>({
  tables: probeTables,
  events: noted,
  outcomes: { probe },
  apply: ({ settled }, { id, word }) => {
    const times = (settled.get(id)?.times ?? -1) + 1;
    settled.set(id, { times, outcome: word });
  },
});
const { tables } = shell;

const sendTypes = [IDL.Text, IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8), IDL.Bool];
const renderSettled = ({ settled }: ProbeTables, id: string) => {
  const { times = 0, outcome = 'nothing' } = settled.get(id) ?? {};
  return `${outcome} ${times}`;
};

const isAccepted = limitArguments(() => ({ run: 1 << 20 }));

export default class {
  @init([])
  init(): void {
    shell.start();
  }

  @postUpgrade([])
  postUpgrade(): void {
    shell.resume();
  }

  @inspectMessage({ manual: true })
  inspect(): boolean {
    return isAccepted();
  }

  /** Runs operations given as JSON; answers what each answered. */
  @update([IDL.Vec(IDL.Nat8)], IDL.Text)
  run(operations: Uint8Array): string {
    const parsed = parse(operationsCodec, operations);
    return parsed.ok ? runOperations(tables, parsed.value) : trap(parsed.error);
  }

  @query([], IDL.Text)
  hash(): string {
    return bytesToHex(stateHash(createStableStore()));
  }

  /** Answers at once; the outcome comes into the state later. */
  @update(sendTypes, AnswerType(IDL.Text))
  send(id: string, callee: Principal, method: string, argument: Uint8Array, isRepeatable: boolean) {
    return shell.update(send, { id, callee, method, argument, isRepeatable }, renderSettled);
  }

  /** Once for each command id; answers when the outcome is in the state. */
  @update([IDL.Text, ...sendTypes], AnswerType(IDL.Text))
  async sendOnce(
    commandId: string,
    id: string,
    callee: Principal,
    method: string,
    argument: Uint8Array,
    isRepeatable: boolean,
  ) {
    return shell.commandSettled(commandId, send, { id, callee, method, argument, isRepeatable }, renderSettled);
  }

  @update([IDL.Text])
  setFault(fault: string): void {
    tables.faults.set(fault);
  }

  @query([IDL.Text], IDL.Text)
  settled(id: string): string {
    return renderSettled(tables, `probe/${id}`);
  }

  @query([], IDL.Vec(IDL.Text))
  open(): string[] {
    return shell.openCalls().map(({ method, id }) => `${id} ${method}`);
  }

  @query([IDL.Nat, IDL.Nat32], EventsType)
  events(from: bigint, limit: number) {
    return shell.events(from, limit);
  }

  @query([], IDL.Text, { manual: true })
  layout(): void {
    shell.layout();
  }

  /** Instructions of one piece of work, by name. */
  @update([IDL.Text, IDL.Nat32], IDL.Nat64)
  measure(name: string, times: number): bigint {
    const work = measures[name] ?? trap(`no measure ${name}`);
    const before = performanceCounter(0);
    for (let i = 0; i < times; i++) work(tables, i);
    return (performanceCounter(0) - before) / BigInt(Math.max(1, times));
  }
}
