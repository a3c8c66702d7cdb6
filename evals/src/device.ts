// A simulated device of a trial: it does what its machine asks, or fails at it, as arranged, whenever it looks. What it did is
// remembered here: the physical part of a world, which no canister can be asked about.
import { textToBytes } from '@tamc/base/bytes';
import type { CommandReply, Machine } from '@tamc/client';
import type { Verdict } from '@tamc/protocol/condition';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import type { CandidReportBody } from '@tamc/protocol/report';
import { parseObject } from '@tamc/protocol/thing';
import { assertOk } from './expect.ts';

/** `silent`: it takes what it is asked and is never heard of again. */
export type Behaviour = 'obeys' | 'silent' | { readonly failsBecause: string };

export interface DeviceNotes {
  readonly machine: string;
  behaviour: Behaviour;
  /** Actions that it carried out, oldest first. */
  readonly done: string[];
  /** Something happened to it that nobody can take back. */
  damage: string | null;
}

export const evidence = (text: string) => sha256(textToBytes(`simulated: ${text}`));

/** One look: everything that is open is answered at once. True when something was. */
export async function lookAtCommands(
  machine: Machine,
  self: PrincipalHex,
  notes: DeviceNotes,
  nowNs: bigint,
): Promise<boolean> {
  const open = assertOk(await machine.open_commands());
  const bodies = open.filter(({ status }) => 'requested' in status).flatMap((command) => answer(notes, command));
  if (bodies.length > 0) await sendReports(machine, self, nowNs, bodies);
  return bodies.length > 0;
}

function answer(notes: DeviceNotes, command: CommandReply): readonly CandidReportBody[] {
  const accepted = { accepted: { command: command.command } };
  const { behaviour } = notes;
  if (behaviour === 'silent') return [accepted];
  if (typeof behaviour === 'object' && command.action === 'start') {
    return [accepted, { failed: { command: command.command, reason: behaviour.failsBecause, evidence: [] } }];
  }
  notes.done.push(command.action);
  const ended = { command: command.command, quantity: quantityOf(command), evidence: evidence(command.action) };
  return [accepted, { acted: { command: command.command } }, { confirmed: ended }];
}

/** An order says how much; nothing else is metered. */
function quantityOf({ arguments: json }: CommandReply): bigint {
  const quantity = parseObject(json)?.quantity;
  return typeof quantity === 'string' && /^\d{1,24}$/.test(quantity) ? BigInt(quantity) : 0n;
}

export async function sendReports(
  machine: Machine,
  self: PrincipalHex,
  nowNs: bigint,
  bodies: readonly CandidReportBody[],
): Promise<void> {
  const devices = assertOk(await machine.devices());
  const known = devices.find(({ key }) => key.toText() === hexToPrincipal(self).toText());
  const first = (known?.last_sequence ?? 0) + 1;
  const { refused } = assertOk(
    await machine.report(bodies.map((body, i) => ({ sequence: first + i, at_ns: nowNs, body }))),
  );
  if (refused.length > 0) throw new Error(`a simulated device was refused: ${JSON.stringify(refused[0]?.refusal)}`);
}

/** What a device thinks of one of its parts. */
export function conditionReport(part: string, verdict: Verdict, wearPpm: number, fault?: string): CandidReportBody {
  return {
    condition: {
      part,
      verdict: { [verdict]: null },
      confidence_ppm: 950_000,
      wear_ppm: [wearPpm],
      fault: fault === undefined ? [] : [fault],
      model_hash: evidence('rule'),
      input_digest: evidence(part),
    },
  };
}
