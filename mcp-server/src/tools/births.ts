// `births`: how far machines are that were ordered.
import type { Result } from '@tamc/base/result';
import { bindRegistry, type Registry, wordOf } from '@tamc/client';
import { z } from 'zod';
import { found, type Reply } from '../found.ts';
import { defineReadTool, type Problem } from '../tool.ts';
import type { Access } from '../world.ts';

/** What one order has at most. */
const limitMax = 50;

export const birthsTool = defineReadTool({
  name: 'births',
  title: 'Births',
  description: 'How far ordered machines are, by birth number.',
  input: z.object({
    from: z.number().int().min(0).max(4_000_000_000),
    limit: z.number().int().min(1).max(limitMax).optional(),
  }),
  output: z.object({ births: z.array(z.looseObject({ birth: z.number(), step: z.string() })) }),
  read: async ({ from, limit = 20 }, { access }) => {
    const births = await readBirths(access, from, limit);
    return births.ok ? { ok: true, value: { births: births.value } } : births;
  },
});

export interface BirthFacts {
  readonly birth: number;
  readonly step: string;
  readonly machine: string | null;
  readonly problem: string | null;
}

export function isBorn({ step }: BirthFacts): boolean {
  return step === 'born';
}

export async function readBirths(
  { connection, registry }: Access,
  from: number,
  limit: number,
): Promise<Result<BirthFacts[], Problem>> {
  return found(await bindRegistry(connection, registry).births(from, limit), ({ items }) => items.map(birthFacts));
}

function birthFacts({ birth, step, canister, problem }: Reply<Registry['births']>['items'][number]): BirthFacts {
  return {
    birth,
    step: wordOf(step),
    machine: canister.map((id) => id.toText())[0] ?? null,
    problem: problem[0] ?? null,
  };
}
