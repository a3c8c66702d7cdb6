// `time`: the network's time, which on a network for development may be turned by hand.
import { ok, refuse } from '@tamc/base/result';
import { z } from 'zod';
import { isoTime } from '../found.ts';
import { keeperProblem, type NetworkTime } from '../keeper.ts';
import { defineWriteTool, type Facts, type Problem } from '../tool.ts';

/** Leases, mandates and orders end meanwhile; a month shows all of them, and a slip of the hand costs no more. */
const minutesMax = 44_640;

const input = z.object({
  advance_minutes: z.number().int().min(1).max(minutesMax).optional().describe('left out: only look'),
});

export const timeTool = defineWriteTool({
  name: 'time',
  title: 'Virtual time',
  description: "Reads the network's time, or advances it where it is virtual. It never goes back.",
  toolset: 'operate',
  isDestructive: true,
  isOnceHere: true,
  input,
  output: z.object({ status: z.string(), time: z.string() }),
  plan: async ({ advance_minutes: minutes }, { access, keeper }) => {
    const keeping = keeper.time;
    if (keeping === undefined) return refuse(keeperProblem('tell its time'));
    const time = await keeping.read(access);
    if (!time.ok) return time;
    if (minutes !== undefined && !time.value.isVirtual) return refuse(isReal);
    const summary =
      minutes === undefined ? 'Look at the time.' : `Advance the time of the network by ${minutes} minutes.`;
    return ok({
      prepared: { keeping, minutes, time: time.value },
      summary,
      facts: timeFacts(time.value),
      needsConfirmation: false,
    });
  },
  act: async ({ keeping, minutes, time }, { access }) => {
    if (minutes === undefined) return ok({ status: 'read', ...timeFacts(time) });
    const later = await keeping.advance(access, BigInt(minutes) * 60_000_000_000n);
    return later.ok ? ok({ status: 'advanced', ...timeFacts(later.value) }) : later;
  },
});

function timeFacts({ timeNs, isVirtual }: NetworkTime): Facts & { readonly time: string } {
  return { time: isoTime(timeNs), virtual: isVirtual };
}

const isReal: Problem = {
  code: 'TimeIsReal',
  message: 'this network follows the clock',
  nextStep: 'Wait instead; only a network that was started with virtual time can be turned.',
};
