// `enrol_device`: a code that lets one device in, once. On the network there is only its hash until the device uses it.
import { createHmac, randomBytes } from 'node:crypto';
import { bytesToHex } from '@tamc/base/bytes';
import { ok } from '@tamc/base/result';
import type { Machine } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { z } from 'zod';
import { isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { defineWriteTool, type Found, type ToolContext } from '../tool.ts';

const hourNs = 3_600_000_000_000n;
/** Time to set a device up; a code that lies around is a risk. */
const hoursMax = 30 * 24;

const input = z.object({
  machine: machineId,
  label: z.string().min(1).max(64),
  hours: z.number().int().min(1).max(hoursMax).optional(),
});
interface Prepared extends Omit<z.output<typeof input>, 'machine'> {
  readonly machine: Machine;
  readonly text: string;
}

export const enrolDeviceTool = defineWriteTool({
  name: 'enrol_device',
  title: 'Enrol a device',
  description: 'Makes a one-time code for a device of a machine. It is shown once.',
  isOnceHere: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    const { machine: text, label, hours = 24 } = wanted;
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const summary = `Issue a code with which one device, ${JSON.stringify(label)}, joins machine ${text} within ${hours} h.`;
    const prepared = { ...wanted, machine: machine.value, text };
    return ok({ prepared, summary, facts: { machine: text, hours }, needsConfirmation: false });
  },
  act: (prepared, context) => issueCode(prepared, context),
  secretFacts: (prepared, context) => ({ code: bytesToHex(codeOf(prepared, context)) }),
});

async function issueCode(prepared: Prepared, context: ToolContext): Found {
  const { machine, text, label, hours = 24 } = prepared;
  const code = codeOf(prepared, context);
  const expiresNs = context.access.nowNs() + BigInt(hours) * hourNs;
  const enrolment = { code_hash: sha256(code), label, expires_ns: expiresNs };
  const issued = await machine.issue_enrolment(enrolment);
  if (!issued.ok && issued.error.code !== 'CodeHashKnown') return { ok: false, error: toProblem(issued.error) };
  return ok({
    status: 'code_issued',
    machine: text,
    code: bytesToHex(code),
    until: isoTime(expiresNs),
    next: 'On the device: make an Ed25519 key there, and with it call enrol on this machine with the bytes of the code. For a simulated device the person runs `npx tamc device MACHINE --code CODE`. Give the code to nobody else; it works once.',
  });
}

const keyOfProcess = randomBytes(32);

/** Whoever repeats a call that was cut off gets the same code, and no second one waits. */
function codeOf({ text, label }: Prepared, { access, commandId }: ToolContext): Uint8Array {
  const mac = createHmac('sha256', access.codeKey ?? keyOfProcess)
    .update(JSON.stringify([text, label, commandId]))
    .digest();
  return new Uint8Array(mac);
}
