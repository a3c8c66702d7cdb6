// `command`: tells a device what to do. It is requested; the device accepts, acts and confirms in its own time.
import { ok } from '@tamc/base/result';
import { type CommandReply, wordOf } from '@tamc/client';
import { isSafetyAction } from '@tamc/protocol/commands';
import { z } from 'zod';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine } from '../found.ts';
import { defineWriteTool, type Facts } from '../tool.ts';

const minuteNs = 60_000_000_000n;

const input = z.object({
  machine: machineId,
  action: z.string().min(1).max(64).describe('start, safe, stop, or one of the machine'),
  arguments: z.record(z.string(), z.unknown()).optional(),
  device: z.number().int().min(1).max(4_000_000_000).optional(),
  minutes: z.number().int().min(1).max(10_080).optional().describe('until it expires'),
});

export const commandTool = defineWriteTool({
  name: 'command',
  title: 'Command a device',
  description: 'Tells the device of a machine to do something.',
  isDestructive: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    const { machine: text, action, arguments: given = {}, device } = wanted;
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const which = device === undefined ? 'its first device' : `device ${device}`;
    const summary = `Tell ${which} of machine ${text} to ${JSON.stringify(action)} with ${JSON.stringify(given)}.`;
    // Whatever is not for safety may move something.
    const prepared = { ...wanted, machine: machine.value };
    return ok({ prepared, summary, facts: { machine: text }, needsConfirmation: !isSafetyAction(action) });
  },
  act: async ({ machine, action, arguments: given = {}, device, minutes = 10 }, { access, commandId }) => {
    const requested = await machine.command({
      command_id: commandId,
      action,
      arguments: JSON.stringify(given),
      device: device === undefined ? [] : [device],
      expires_ns: access.nowNs() + BigInt(minutes) * minuteNs,
    });
    return found(requested, (command) => ({
      ...commandFacts(command),
      next: 'The device has it before it. Look at the machine for how it ends.',
    }));
  },
});

export function commandFacts({
  command,
  device,
  action,
  status,
  cause,
  expires_ns,
  quantity,
  reason,
}: CommandReply): Facts & {
  readonly status: string;
} {
  return {
    status: wordOf(status),
    command,
    device,
    action: fence(action, 64),
    ...(cause[0] === undefined ? {} : { cause: cause[0] }),
    ...(quantity[0] === undefined ? {} : { quantity: quantity[0] }),
    ...(reason[0] === undefined ? {} : { reason: fence(reason[0], 60) }),
    until: isoTime(expires_ns),
  };
}
