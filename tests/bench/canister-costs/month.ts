// What one machine costs in a month on the main network, from the costs of its acts and a stated load.
import type { Cost, Memory } from './meter.ts';

/** Published: 1 T cycles are 1 XDR, and storage is this much per GiB and second on a subnet of 13 nodes. */
const cyclesPerXdr = 1_000_000_000_000n;
const storageCyclesPerGibSecond = 127_000n;
const bytesPerGib = 1n << 30n;
const monthSeconds = 30n * 86_400n;
/** Stated, not measured: what an XDR is worth moves by some percent in a year. */
export const dollarsPerXdr = 1.4;

/** A washer in a house: ten uses a day, a beat of its controller every five minutes, its condition every hour. */
export const monthLoad: readonly (readonly [act: string, times: number])[] = [
  ['order, money held', 300],
  ['report: accepted', 300],
  ['report: acted', 300],
  ['report: confirmed, captured and refunded', 300],
  ['report: heartbeat', 8_640],
  ['report: condition', 720],
  ['report: meter', 720],
  ['command', 30],
  ['report: confirmed', 30],
  ['pay, by a delegate', 30],
  ['pay, that waits for the operator', 4],
  ['approve, paid', 4],
  ['announce_receipt, booked', 8],
  ['set_tariff', 4],
  ['nothing, for an hour', 720],
];

export interface Month {
  readonly rows: readonly { readonly act: string; readonly times: number; readonly cycles: bigint }[];
  readonly storageCycles: bigint;
  readonly allCycles: bigint;
  readonly dollars: number;
}

export function monthOf(costs: readonly Cost[], { allBytes }: Memory): Month {
  const rows = monthLoad.map(([act, times]) => {
    const cost = costs.find((one) => one.act === act);
    if (cost === undefined) throw new Error(`nothing was measured for ${act}`);
    return { act, times, cycles: cost.cycles * BigInt(times) };
  });
  const storageCycles = (allBytes * storageCyclesPerGibSecond * monthSeconds) / bytesPerGib;
  const allCycles = rows.reduce((sum, { cycles }) => sum + cycles, storageCycles);
  const dollars = (Number((allCycles * 1_000_000n) / cyclesPerXdr) / 1e6) * dollarsPerXdr;
  return { rows, storageCycles, allCycles, dollars };
}
