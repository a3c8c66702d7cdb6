// Births, as the registry tells how far they are.
import type { Result } from '@tamc/base/result';
import type { Registry } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { bindRegistry } from '@tamc/client/registry';
import { found, type Reply } from './found.ts';
import type { Problem } from './tool.ts';
import type { Access } from './world.ts';

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
