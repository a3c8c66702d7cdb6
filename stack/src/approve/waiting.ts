// What waits for the owner, over all machines of theirs. What is shown of a request is made here, from its payload, and its hash is
// counted here: a machine that showed one thing and asked for another would not be believed.
import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result } from '@tamc/base/result';
import { bindMachine, type CallError, type Connection, type RequestReply, readRequests } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { checkRequest } from './check-request.ts';

export interface Waiting {
  readonly machine: PrincipalHex;
  /** The machine's model. */
  readonly name: string;
  readonly request: number;
  /** Made from the payload alone; one fact a line. */
  readonly text: string;
  readonly summary: string;
  /** Of the payload, in hexadecimal digits: what an approval signs. */
  readonly hash: string;
  readonly expiresNs: bigint;
  /** Why it cannot be approved, whatever it says; null when all fits together. */
  readonly problem: string | null;
}

export interface Named {
  readonly id: PrincipalHex;
  readonly name: string;
}

/** Machines that do not answer have nothing that could be approved now. */
export async function readWaiting(
  connection: Connection,
  machines: readonly Named[],
): Promise<Result<readonly Waiting[], CallError>> {
  const found: Waiting[] = [];
  for (let at = 0; at < machines.length; at += machinesAtOnce) {
    const group = machines.slice(at, at + machinesAtOnce);
    const answers = await Promise.all(group.map(({ id }) => readRequests(bindMachine(connection, id))));
    for (const [i, answer] of answers.entries()) {
      if (answer.ok) found.push(...answer.value.map((reply) => replyToWaiting(group[i]!, reply)));
      else if (answer.error.kind !== 'rejected') return answer;
    }
  }
  return ok(found.toSorted((a, b) => Number(a.expiresNs - b.expiresNs)));
}

const machinesAtOnce = 8;

function replyToWaiting({ id, name }: Named, reply: RequestReply): Waiting {
  const { request, expires_ns: expiresNs, payload_hash } = reply;
  const common = { machine: id, name, request };
  const checked = checkRequest(id, reply);
  if (checked.ok) return { ...common, ...checked.value, problem: null };
  const hash = bytesToHex(Uint8Array.from(payload_hash));
  const text = `This request cannot be believed: ${checked.error}.`;
  return { ...common, text, summary: text, hash, expiresNs, problem: checked.error };
}
