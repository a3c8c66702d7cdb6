// Shell (timers): one decision of the owner about one request, as the owner, and what became of it. An approval signs the hash of
// what was shown; the machine refuses any other.
import { setTimeout } from 'node:timers/promises';
import { assert } from '@tamc/base/assert';
import { parseHex } from '@tamc/base/bytes';
import { ok, type Result } from '@tamc/base/result';
import {
  bindMachine,
  type CallError,
  type Connection,
  type Machine,
  type PayReply,
  type RequestReply,
} from '@tamc/client';
import type { Waiting } from './waiting.ts';

export type Decision = 'approve' | 'decline';

export interface Decided {
  readonly outcome: 'paid' | 'pending' | 'refused' | 'granted' | 'released' | 'approved' | 'declined' | 'open';
  readonly text: string;
}

export async function decide(owner: Connection, one: Waiting, decision: Decision): Promise<Result<Decided, CallError>> {
  const machine = bindMachine(owner, one.machine);
  if (decision === 'decline') {
    const declined = await machine.decline({ request: one.request });
    return declined.ok ? ok(declinedNow) : await lookAfter(machine, one, declined.error);
  }
  const hash = parseHex(one.hash);
  assert(one.problem === null && hash !== null, 'only what was checked is approved');
  const approved = await machine.approve({ request: one.request, payload_hash: hash });
  return approved.ok ? await replyToDecided(machine, approved.value) : await lookAfter(machine, one, approved.error);
}

const declinedNow: Decided = { outcome: 'declined', text: 'Declined: nothing of it is done.' };

async function replyToDecided(machine: Machine, reply: PayReply): Promise<Result<Decided, CallError>> {
  if ('Granted' in reply) {
    const { mandate } = reply.Granted;
    return ok({ outcome: 'granted', text: `Approved: it is mandate ${mandate} now, and in force.` });
  }
  if ('Released' in reply)
    return ok({ outcome: 'released', text: 'Approved: the machine is released and works again.' });
  if ('Paid' in reply) return ok(paid(reply.Paid.status));
  if ('Pending' in reply) return await untilPaid(machine, reply.Pending.transfer);
  return ok({ outcome: 'open', text: 'It still waits.' });
}

type Status = Extract<PayReply, { Paid: unknown }>['Paid']['status'];

function paid(status: Status): Decided {
  if ('paid' in status)
    return { outcome: 'paid', text: `Approved and paid: block ${status.paid.block} of the ledger.` };
  if (!('refused' in status)) return { outcome: 'pending', text: 'Approved; the ledger has not answered yet.' };
  const { code, message } = status.refused;
  return { outcome: 'refused', text: `Approved, but the ledger refused it: ${code}, ${message}.` };
}

/** A ledger on the same network answers within seconds. */
const looksMax = 20;
const lookMs = 500;

async function untilPaid(machine: Machine, transfer: number): Promise<Result<Decided, CallError>> {
  for (let look = 0; look < looksMax; look++) {
    const found = await machine.transfer(transfer);
    if (!found.ok) return found;
    const [known] = found.value;
    if (known !== undefined && ('paid' in known.status || 'refused' in known.status)) return ok(paid(known.status));
    await setTimeout(lookMs);
  }
  const text = `Approved; the ledger has not answered yet. It is transfer ${transfer} of the machine, which asks on by itself.`;
  return ok({ outcome: 'pending', text });
}

/** When the answer was lost, what the machine says now is the answer. */
async function lookAfter(machine: Machine, one: Waiting, error: CallError): Promise<Result<Decided, CallError>> {
  if (error.kind !== 'unknown') return { ok: false, error };
  const found = await machine.request(one.request);
  if (!found.ok) return { ok: false, error };
  const [known] = found.value;
  return known === undefined ? { ok: false, error } : await standOf(machine, known);
}

async function standOf(machine: Machine, { status }: RequestReply): Promise<Result<Decided, CallError>> {
  if ('declined' in status) return ok(declinedNow);
  if (!('approved' in status))
    return ok({ outcome: 'open', text: 'The answer was lost; nothing is decided. Try again.' });
  const [transfer] = status.approved.transfer;
  if (transfer !== undefined) return await untilPaid(machine, transfer);
  return ok({ outcome: 'approved', text: 'Approved and done.' });
}
