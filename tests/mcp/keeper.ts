// What the keeper of a network in this process can do for an assistant: deploy this checkout, make money, turn the time.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, refuse } from '@tamc/base/result';
import { bindLedger, bindRegistry, createManagement } from '@tamc/client';
import { machineVersion } from '@tamc/machine/version';
import { createTimeKeeping, type Keeper, type World } from '@tamc/mcp-server';
import { sha256 } from '@tamc/protocol/hash';
import { defaultConfiguration } from '../../stack/src/deploy/configuration.ts';
import { createDeployer, rememberInMemory } from '../../stack/src/deploy/deployer.ts';
import { buildModules, deploymentSteps } from '../../stack/src/deploy/deployment.ts';
import { chunksOf } from '../../stack/src/deploy/module.ts';
import { planSteps, runSteps, type StepProblem } from '../../stack/src/deploy/steps.ts';
import { expectOk } from '../journeys/network.ts';
import type { McpWorld, Person } from './world.ts';

/** Remembers what the world deployed but the desk: its steps are open. */
export async function createKeeper({ minter, ledger, registry, replica }: McpWorld): Promise<Keeper> {
  const { connection } = minter;
  const remembered = rememberInMemory();
  remembered.remember('ledger', ledger);
  remembered.remember('registry', registry);
  const modules = expectOk(await buildModules(() => {}));
  const deployer = createDeployer(connection, { kind: 'embedded', remembered });
  const steps = deploymentSteps(deployer, defaultConfiguration('embedded'), modules, machineVersion);
  const failed = ({ message, nextStep }: StepProblem) => refuse({ code: 'DeploymentFailed', message, nextStep });
  return {
    deploying: {
      plan: async () => {
        const planned = await planSteps(steps);
        if (!planned.ok) return failed(planned.error);
        return ok(planned.value.map(({ step: { id, text }, isDone }) => ({ id, text, isDone })));
      },
      run: async (_access, progress) => {
        const ran = await runSteps(steps, { started: ({ text }) => progress(text), ended: () => {} });
        return ran.ok ? ran : failed(ran.error);
      },
    },
    time: createTimeKeeping(replica.fetch),
    funding: {
      fund: async (_access, to, amount, commandId) => {
        // The ledger takes two transfers of one moment and memo for one.
        const memo = new Uint8Array(createHash('sha256').update(commandId).digest());
        const createdNs = startNs;
        const sent = await bindLedger(connection, ledger).transfer({ to, amount, memo, createdNs });
        return sent.ok ? sent : refuse({ code: sent.error.code, message: sent.error.message, nextStep: 'Wait.' });
      },
    },
  };
}

const startNs = BigInt(Date.now()) * 1_000_000n;

export function keeperWorld({ registry, owner, nowNs }: McpWorld, { id, connection }: Person, keeper?: Keeper): World {
  return {
    caller: id,
    open: async () => ok({ connection, registry, owner: owner.id, nowNs }),
    nowMs: Date.now,
    audit: () => {},
    ...(keeper === undefined ? {} : { keeper }),
  };
}

/** The same machine in another wrapping, so that its hash is another one; tells that hash. */
export async function approveOtherCode({ minter, registry }: McpWorld, version: string): Promise<Uint8Array> {
  const { machine } = expectOk(await buildModules(() => {}));
  const bytes = new Uint8Array(gzipSync(gunzipSync(machine.bytes), { level: 3 }));
  const module_hash = sha256(bytes);
  const chunk_hashes: Uint8Array[] = [];
  for (const chunk of chunksOf({ ...machine, bytes, hash: bytesToHex(module_hash) }))
    chunk_hashes.push(parseHex(expectOk(await createManagement(minter.connection).uploadChunk(registry, chunk)))!);
  const { candid, layout } = machine;
  const bound = bindRegistry(minter.connection, registry);
  const code = { kind: 'machine', version, module_hash, chunk_hashes, candid, layout: layout ?? '' };
  expectOk(await bound.approve_code(code));
  for (let i = 0; i < 100; i++) {
    const known = expectOk(await bound.codes()).find((one) => one.version === version);
    if (known !== undefined && 'approved' in known.standing) return module_hash;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the code was never approved');
}
