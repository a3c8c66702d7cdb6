// `upgrade`: brings a machine to newer code that its operator has approved on the machine. Anybody may ask; the machine decides, and
// code that would break clients or lose data is refused.
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Registry } from '@tamc/client';
import { bindRegistry } from '@tamc/client/registry';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { z } from 'zod';
import { allFound, machineId, parseId, type Reply, toProblem } from '../found.ts';
import { jobToHandle } from '../jobs.ts';
import { unknownMachine } from '../known-machine.ts';
import { defineWriteTool, type Found, type Problem, type ToolContext } from '../tool.ts';
import { readUpgrade, upgradeFacts } from '../upgrades.ts';
import { waitUntil } from '../wait.ts';

/** Shorter than the minute after which hosts give up. */
const wait = { timeoutMs: 40_000, pauseMs: 250 };

type Code = Reply<Registry['codes']>[number];

const input = z.object({
  machine: machineId,
  version: z.string().max(64).optional().describe('left out: the newest'),
});

export const upgradeTool = defineWriteTool({
  name: 'upgrade',
  title: 'Upgrade a machine',
  description: 'Brings a machine to newer code that its operator approved on it. Answers a `job` if it takes longer.',
  toolset: 'operate',
  isDestructive: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access: { connection, registry } }) => {
    const id = parseId(wanted.machine, 'machine');
    if (!id.ok) return id;
    const bound = bindRegistry(connection, registry);
    const read = await allFound({ codes: bound.codes(), machine: bound.machine(hexToPrincipal(id.value)) });
    if (!read.ok) return read;
    const [machine] = read.value.machine;
    if (machine === undefined) return refuse(unknownMachine);
    const chosen = chooseCode(read.value.codes, toHex(machine.module_hash), wanted.version);
    if (!chosen.ok) return chosen;
    const { from, to } = chosen.value;
    const summary = `Upgrade machine ${wanted.machine} from version ${from} to ${to.version}. It stops for a moment.`;
    const facts = { machine: wanted.machine, from, to: to.version, code: toHex(to.module_hash) };
    const prepared = { machine: hexToPrincipal(id.value), moduleHash: toHex(to.module_hash) };
    return ok({ prepared, summary, facts, needsConfirmation: true });
  },
  act: async ({ machine, moduleHash }, context) => {
    const { connection, registry } = context.access;
    const module_hash = parseHex(moduleHash) ?? new Uint8Array();
    const started = await bindRegistry(connection, registry).upgrade({ machine, module_hash });
    return started.ok ? await followUpgrade(started.value, context) : refuse(toProblem(started.error));
  },
});

const toHex = (bytes: Uint8Array | number[]) => bytesToHex(Uint8Array.from(bytes));

function chooseCode(
  codes: readonly Code[],
  runs: string,
  version: string | undefined,
): Result<{ readonly from: string; readonly to: Code }, Problem> {
  const current = codes.find(({ module_hash }) => toHex(module_hash) === runs);
  const [to] = codes
    .filter(({ kind, standing }) => kind === current?.kind && 'approved' in standing)
    .filter((code) => version === undefined || code.version === version)
    .toSorted((a, b) => Number(b.time_ns - a.time_ns));
  if (current === undefined || to === undefined) return refuse(noCode);
  return toHex(to.module_hash) === runs ? refuse(notNeeded) : ok({ from: current.version, to });
}

async function followUpgrade(upgrade: number, { access, progress }: ToolContext): Found {
  const look = async () => {
    const seen = await readUpgrade(access, upgrade);
    if (seen.ok && seen.value !== null) progress(`upgrade: ${seen.value.step}`);
    return seen;
  };
  const seen = await waitUntil(look, (now) => now.ok && now.value?.outcome[0] !== undefined, wait);
  const job = jobToHandle({ kind: 'upgrade', upgrade });
  if (!seen.ok || seen.value === null || seen.value.outcome[0] === undefined)
    return ok({ status: 'under_way', job, next: 'It goes on by itself: look with `job`.' });
  return ok({ job, ...upgradeFacts(seen.value) });
}

const noCode: Problem = {
  code: 'CodeUnknown',
  message: 'the registry has no approved code of that version for this machine',
  nextStep: 'Leave out `version` for the newest, or have the person deploy it first.',
};
const notNeeded: Problem = {
  code: 'UpgradeNotNeeded',
  message: 'the machine runs that code already',
  nextStep: 'Nothing is to be done.',
};
