// Reads from the canisters what a status shows: every machine, and what waits for the owner. Changes nothing, needs no key.
import { ok, type Result } from '@tamc/base/result';
import type { CallError, Connection } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { readWaiting } from '../approve/waiting.ts';
import { readTown } from '../town/read-town.ts';
import type { Status } from './status.ts';

export type StatusFacts = Pick<Status, 'machines' | 'waiting'>;

export async function readStatus(
  connection: Connection,
  registry: PrincipalHex,
  owner: PrincipalHex | null,
): Promise<Result<StatusFacts, CallError>> {
  const machines = await readTown(connection, registry);
  if (!machines.ok) return machines;
  const own = machines.value.filter(({ operator, state }) => operator === owner && state !== 'no answer');
  const waiting = await readWaiting(connection, own);
  return waiting.ok ? ok({ machines: machines.value, waiting: waiting.value }) : waiting;
}
