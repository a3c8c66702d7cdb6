// What `tamc device` tells: that it works, what happens, each as a sentence or, for a program, as a line of JSON.
import { principalToText } from '@tamc/protocol/principal';
import type { OwnDevice } from '../device/own-device.ts';
import { harmless } from '../show/cells.ts';
import type { Happening } from '../town/happening.ts';
import type { KindName } from '../town/plan.ts';
import type { TownMachine } from '../town/read-town.ts';

export interface Work {
  readonly machine: TownMachine;
  readonly kind: KindName;
  readonly device: OwnDevice;
  readonly speed: number;
  /** It was let in just now. */
  readonly isNew: boolean;
}

export interface DeviceLines {
  begin(work: Work): string;
  happen(happening: Happening, at: Date): string;
}

export const sentences: DeviceLines = {
  begin: ({ machine, kind, device, speed, isNew }) => {
    const name = `${harmless(machine.name)} (${principalToText(machine.id)})`;
    const state = isNew ? 'It is enrolled now' : 'It goes on where it was';
    return `A simulated ${kind} works as the device of ${name}, ${speed} times as fast as a real one.
${state}; its key lies in ${device.path}. Ctrl-C ends it.`;
  },
  happen: (happening, at) => `${at.toISOString().slice(11, 19)} ${textOf(happening)}`,
};

export const data: DeviceLines = {
  begin: ({ machine: { id, name }, kind, device, speed, isNew }) =>
    JSON.stringify({
      machine: principalToText(id),
      name,
      kind,
      speed,
      device: device.identity.getPrincipal().toText(),
      isNew,
      key: device.path,
      pid: process.pid,
    }),
  happen: (happening, at) => JSON.stringify({ at: at.toISOString(), ...factsOf(happening) }),
};

function textOf(happening: Happening): string {
  if (happening.kind === 'reported') return `reported: ${happening.what.join(', ')}`;
  if (happening.kind !== 'refused') return happening.kind;
  const { message, nextStep } = happening.error;
  return `not possible now: ${message}. ${nextStep}`;
}

function factsOf(happening: Happening): object {
  if (happening.kind === 'reported') return { kind: happening.kind, what: happening.what };
  if (happening.kind !== 'refused') return { kind: happening.kind };
  const { kind, code, message, nextStep: next } = happening.error;
  return { kind: happening.kind, error: { message, next, kind, code } };
}

/** The same trouble is told once. */
export function createTeller({ happen }: DeviceLines): (happening: Happening) => void {
  let last = '';
  return (happening) => {
    const text = textOf(happening);
    if (text === last && happening.kind !== 'reported') return;
    last = text;
    console.log(happen(happening, new Date()));
  };
}
