// How a simulated part wears and how it is judged: a plainly simulated rule, named by the hash of its own text, as a real model
// would be by the hash of its weights.
import { textToBytes } from '@tamc/base/bytes';
import type { Verdict } from '@tamc/protocol/condition';
import { sha256 } from '@tamc/protocol/hash';
import type { CandidReportBody } from '@tamc/protocol/report';
import { kinds, type MachinePlan } from './plan.ts';
import { randomOf } from './seed.ts';

export const lifePpm = 1_000_000;
const watchPpm = 500_000;
const duePpm = 800_000;
/** A service leaves the rest of the machine as old as it is. */
export const servicedPpm = 50_000;

export const wearRule = `Simulated rule of wear 1: good below ${watchPpm} ppm, watch below ${duePpm} ppm, due from there on; fault while something is broken.`;
export const wearRuleHash = sha256(textToBytes(wearRule));

export function verdictOf(wearPpm: number, fault: string | null): Verdict {
  if (fault !== null) return 'fault';
  if (wearPpm >= duePpm) return 'due';
  return wearPpm >= watchPpm ? 'watch' : 'good';
}

/** Machines come into the town used. */
export function bornWearPpm(seed: string, { name, bornWearPpm: given }: MachinePlan): number {
  return given ?? 20_000 + randomOf(seed, name, 'age').below(watchPpm);
}

export function wornBy({ kind }: MachinePlan, wearPpm: number, used: bigint): number {
  return Math.min(lifePpm, wearPpm + Number(used) * kinds[kind].wearPerUnitPpm);
}

/** What a sensor saw, as it is kept where the device is; only its digest goes to the network. */
export interface Reading {
  readonly digest: Uint8Array;
  readonly text: string;
}

export function readingOf(
  name: string,
  atNs: bigint,
  values: Readonly<Record<string, string | number | null>>,
): Reading {
  const text = JSON.stringify({ simulated: true, device: name, atNs: String(atNs), ...values });
  return { digest: sha256(textToBytes(text)), text };
}

/** The verdict on a machine's one part, with the reading that it was made from. */
export function judge(plan: MachinePlan, atNs: bigint, wearPpm: number, fault: string | null) {
  const { part } = kinds[plan.kind];
  const reading = readingOf(plan.name, atNs, { part, wearPpm, fault });
  const body: CandidReportBody = {
    condition: {
      part,
      verdict: { [verdictOf(wearPpm, fault)]: null },
      // The rule knows the simulated wear exactly; a broken part is seen less surely.
      confidence_ppm: fault === null ? 980_000 : 900_000,
      wear_ppm: [wearPpm],
      fault: fault === null ? [] : [fault],
      model_hash: wearRuleHash,
      input_digest: reading.digest,
    },
  };
  return { reading, body };
}
