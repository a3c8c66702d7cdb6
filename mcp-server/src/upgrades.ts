// Upgrades of machines, as the registry tells how far they are.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Registry } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { bindRegistry } from '@tamc/client/registry';
import { fence } from './fence.ts';
import { type Reply, toProblem } from './found.ts';
import type { Facts, Problem } from './tool.ts';
import type { Access } from './world.ts';

type UpgradeReply = NonNullable<Reply<Registry['upgrade_status']>[0]>;

export async function readUpgrade(
  { connection, registry }: Access,
  number: number,
): Promise<Result<UpgradeReply | null, Problem>> {
  const read = await bindRegistry(connection, registry).upgrade_status(number);
  return read.ok ? ok(read.value[0] ?? null) : refuse(toProblem(read.error));
}

export function upgradeFacts({ upgrade, machine, step, outcome, code, problem, is_stalled }: UpgradeReply): Facts {
  return {
    status: outcome[0] === undefined ? 'under_way' : wordOf(outcome[0]),
    upgrade,
    machine: machine.toText(),
    step,
    // A machine of another version may say why in its own words.
    ...(code === '' ? {} : { code, problem: fence(problem, 300) }),
    ...(is_stalled ? { next: 'It stands still and will not go on by itself: tell the person.' } : {}),
  };
}
