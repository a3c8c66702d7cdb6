// `tamc device`: a plainly simulated device for a machine of one's own, until Ctrl-C.
import { parseHex } from '@tamc/base/bytes';
import { ok, refuse } from '@tamc/base/result';
import { principalToText } from '@tamc/protocol/principal';
import { lockDevice } from '../device/device-lock.ts';
import { enrolDevice, liveAsDevice } from '../device/live-device.ts';
import { type OwnDevice, openOwnDevice } from '../device/own-device.ts';
import { harmless } from '../show/cells.ts';
import { isKindName, type KindName, kindNames } from '../town/plan.ts';
import type { TownMachine } from '../town/read-town.ts';
import { attach } from '../world/attach.ts';
import { chooseMachine } from './choose-machine.ts';
import type { Given } from './commands.ts';
import { createTeller, data, sentences, type Work } from './device-lines.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, openNetworkToLook, type Watched } from './look.ts';

/** As fast as the town that `tamc start` runs. */
const defaultSpeed = 16;
const speedMax = 3_600;

export async function run({ positionals: [words = ''], values, switches }: Given): Promise<number> {
  const speed = parseSpeed(values.speed);
  const code = parseCode(values.code);
  const watched = await openNetworkToLook(values.store);
  const machine = await chooseMachine(watched, words);
  const kind = kindOf(machine);
  const device = openOwnDevice(watched.path, machine.id);
  const lock = lockDevice(device.lockPath);
  if (!lock.ok) throw new CommandFailure(lock.error.message, lock.error.next);
  try {
    const isNew = await letIn(watched, machine, device, code);
    await live(watched, { machine, kind, device, speed, isNew }, switches.has('json'));
  } finally {
    lock.value.release();
  }
  return 0;
}

/** Whether it was let in just now. */
async function letIn(watched: Watched, { id, name }: TownMachine, device: OwnDevice, code: Uint8Array | null) {
  const enrolled = await enrolDevice(await watched.as(device.identity), id, code);
  if (!enrolled.ok) throw failureOf(enrolled.error);
  if (enrolled.value !== 'needs a code') return enrolled.value === 'enrolled';
  const next = `Let your assistant make one (enrol_device), then: \`npx tamc device ${principalToText(id)} --code CODE\``;
  throw new CommandFailure(`The device of ${harmless(name)} is not enrolled yet.`, next);
}

async function live(watched: Watched, work: Work, isJson: boolean): Promise<void> {
  const { machine, kind, device, speed } = work;
  const lines = isJson ? data : sentences;
  // Before anything is said: whoever reads that it works may end it at once.
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  console.log(lines.begin(work));
  const reach = async () => {
    const attached = await attach(watched.folder, device.identity);
    return attached.ok ? ok(attached.value) : refuse(attached.error.message);
  };
  const one = { id: machine.id, name: machine.name, kind };
  await liveAsDevice({ machine: one, device, speed, reach, watch: createTeller(lines) }, ending.signal);
  if (!isJson) console.log('Ended. Started again without a code it goes on.');
}

function kindOf({ kind, name }: TownMachine): KindName {
  if (isKindName(kind)) return kind;
  const next = `There are simulated ones for: ${kindNames.join(', ')}. A device of your own makes a key and calls enrol.`;
  throw new CommandFailure(`There is no simulated device for ${harmless(name)}, a ${harmless(kind)}.`, next);
}

function parseSpeed(text: string | undefined): number {
  const speed = Number(text ?? defaultSpeed);
  if (Number.isInteger(speed) && speed >= 1 && speed <= speedMax) return speed;
  throw new CommandFailure(`"${text}" is no speed.`, `Give a whole number from 1 to ${speedMax}.`);
}

function parseCode(text: string | undefined): Uint8Array | null {
  if (text === undefined) return null;
  const code = parseHex(text.trim());
  if (code !== null && code.length > 0) return code;
  throw new CommandFailure('This is no code.', 'Copy it whole: it is made of the digits 0 to 9 and a to f.');
}
