// `command`: tells a device what to do. It is requested; the device accepts, acts and confirms in its own time.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CommandReply, Machine } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { builtInActions, commandLimits, isSafetyAction } from '@tamc/protocol/commands';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { utf8Length } from '@tamc/protocol/thing';
import { z } from 'zod';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine } from '../found.ts';
import { blockProblem, deviceProblem, nameOf, powerProblem, readStanding, refuseFirst } from '../standing.ts';
import { defineWriteTool, type Facts, type Problem } from '../tool.ts';
import { toToolWords } from '../tool-words.ts';
import { urgencyOf } from '../urgent-calls.ts';

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
  // Which device is meant is not left to be guessed.
  urgency: ({ machine, action, device }) =>
    typeof action === 'string' && isSafetyAction(action) && isReadable(device)
      ? urgencyOf(machine, `command ${action}`, typeof device === 'number' ? device : undefined)
      : null,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access, isRepetition = false }) => {
    const { machine: text, action, device } = wanted;
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const isTooLong = utf8Length(JSON.stringify(wanted.arguments ?? {})) > commandLimits.argumentBytesMax;
    if (isTooLong && !isSafetyAction(action)) return refuse(tooLong);
    const given = isTooLong ? {} : (wanted.arguments ?? {});
    const prepared = { ...wanted, arguments: given, machine: machine.value };
    const which = device === undefined ? 'the first device' : `device ${device}`;
    const plan = { prepared, facts: { machine: text } };
    const does = `to ${JSON.stringify(action)} with ${JSON.stringify(given)}.`;
    // What is for safety waits for nothing that is looked up first.
    if (isSafetyAction(action))
      return ok({ ...plan, summary: `Tell ${which} of machine ${text} ${does}`, needsConfirmation: false });
    const called = await mayMove(machine.value, access.connection.self, wanted, isRepetition);
    if (!called.ok) return called;
    return ok({
      ...plan,
      summary: `Tell ${which} of ${called.value}, machine ${text}, ${does}`,
      needsConfirmation: true,
    });
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

const isReadable = (device: unknown): boolean =>
  device === null || device === '' || input.shape.device.safeParse(device).success;

const tooLong: Problem = {
  code: 'ArgumentsInvalid',
  message: `the arguments have more than ${commandLimits.argumentBytesMax} bytes`,
  nextStep: 'Put larger data elsewhere and send its hash.',
};

/** What the machine is called, or why it would refuse: whatever moves something is put to a person first. */
async function mayMove(
  machine: Machine,
  self: PrincipalHex,
  { action, device }: { readonly action: string; readonly device?: number | undefined },
  isRepetition: boolean,
): Promise<Result<string, Problem>> {
  const found = await readStanding(machine, self);
  if (!found.ok) return found;
  const standing = found.value;
  const isKnown = [...builtInActions, ...standing.actions].includes(action);
  const unknown = { code: 'ActionUnknown', message: 'this machine has no such action', nextStep: '' };
  const problems = [
    standing.isHolder ? null : powerProblem(standing, 'command'),
    blockProblem(standing),
    deviceProblem(standing, device),
    isKnown ? null : toToolWords(unknown),
  ];
  const possible = refuseFirst(...(isRepetition ? [] : problems));
  return possible.ok ? ok(nameOf(standing.view)) : possible;
}

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
