// A deployment to a network that was deployed to before: with other words, with other code, or after it lost what was there.
import { bytesToHex } from '@tamc/base/bytes';
import { ok } from '@tamc/base/result';
import type { Connection } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canisterSteps } from '../../stack/src/deploy/canister-steps.ts';
import { createConfiguration } from '../../stack/src/deploy/configuration.ts';
import { deployWorld } from '../../stack/src/deploy/deploy-world.ts';
import { createDeployer, rememberInMemory } from '../../stack/src/deploy/deployer.ts';
import type { Modules } from '../../stack/src/deploy/deployment.ts';
import type { Module } from '../../stack/src/deploy/module.ts';
import { planSteps } from '../../stack/src/deploy/steps.ts';
import { type Deployments, expectOk, openDeployments } from './deployments.ts';

let deployments: Deployments;
beforeAll(async () => {
  deployments = await openDeployments();
}, 600_000);
afterAll(() => deployments.close());
beforeEach(() => {
  deployments.remembered = rememberInMemory();
});

const settings = async () => expectOk(await deployments.registry().settings());
const homeLedger = async () => (await settings()).home_ledger[0]?.toText();

/** A ledger that another deployment has brought. */
async function foreignLedger(): Promise<string> {
  await deployments.deployUntil('ledger/run');
  const id = deployments.remembered.idOf('ledger')!;
  deployments.remembered = rememberInMemory();
  return principalToText(id);
}

describe('the money of a network', () => {
  it('stays when a deployment says nothing of it, and is kept as it was configured', async () => {
    const foreign = await foreignLedger();
    const config = { ownLedger: null, foreignLedgers: [foreign] };
    expect(await deployments.deploy({ config })).toContain(`${foreign}/register`);
    // Where nothing was kept, the plan ends before anything is created.
    const problem = await deployments.problem();
    expect(problem?.message).toContain(`simUSD of the ledger ${foreign} as their money`);
    expect(problem?.nextStep).toContain(`"foreignLedgers":["${foreign}"]`);
    expect(deployments.remembered.idOf('ledger')).toBeNull();
    expect(await deployments.deploy({ kept: config })).toEqual([]);
    expect(await deployments.deploy({ kept: config, config: { birthsPerCaller: 5 } })).toEqual(['registry/terms']);
    expect(await homeLedger()).toBe(foreign);
    expect((await settings()).compute).toEqual({ none: null });
  }, 300_000);

  it('is not ours where only ledgers of others were named, and the world that needs ours says so', async () => {
    const foreign = await foreignLedger();
    const configuration = expectOk(createConfiguration({}, 'embedded', { ownLedger: null, foreignLedgers: [foreign] }));
    const { connection, modules } = deployments;
    expect(await deployWorld(connection, { configuration, modules })).toMatchObject({
      error: { message: expect.stringContaining('ledgers of others only') },
    });
  }, 300_000);

  it('changes where a file names it, and machines then buy cycles for it', async () => {
    const foreign = await foreignLedger();
    await deployments.deploy({ config: { ownLedger: null, foreignLedgers: [foreign] } });
    const ownLedger = { tokenName: 'Lisbon Credit', symbol: 'LSC', decimals: 6, fee: '1' };
    expect(await deployments.deploy({ config: { ownLedger } })).toEqual(
      expect.arrayContaining(['ledger/create', 'simulated-desk/create', 'registry/terms', 'ledger/register']),
    );
    expect(await homeLedger()).toBe(principalToText(deployments.remembered.idOf('ledger')!));
    const desk = principalToText(deployments.remembered.idOf('simulated-desk')!);
    expect((await settings()).compute).toMatchObject({ simulated_desk: { desk: { toText: expect.any(Function) } } });
    expect(JSON.stringify((await settings()).compute)).toContain(desk);
    expect(await deployments.deploy({ config: { ownLedger } })).toEqual([]);
  }, 300_000);

  it('is not turned back where the governor has chosen another home since', async () => {
    const foreign = await foreignLedger();
    await deployments.deploy({ config: { foreignLedgers: [foreign] } });
    const ledger = expectOk(await deployments.registry().ledgers()).find(
      ({ ledger: { id } }) => id.toText() === foreign,
    )!;
    expectOk(await deployments.registry().add_ledger({ ...ledger.ledger, home: true }));
    expect(await deployments.deploy({ kept: { foreignLedgers: [foreign] } })).toEqual([]);
    expect(await homeLedger()).toBe(foreign);
  }, 300_000);
});

it('a network that began anew is said, with the file that names what it lost, and nothing is created', async () => {
  const path = '/somewhere/canisters.json';
  const remembered = { ...rememberInMemory(), path };
  const lost = '00000000ffffffff0101' as PrincipalHex;
  remembered.remember('ledger', lost);
  deployments.remembered = remembered;
  const problem = await deployments.problem();
  expect(problem?.message).toContain(`${path} names ${principalToText(lost)}, and this network has no such canister`);
  expect(problem?.nextStep).toContain(`Move ${path} away to begin anew here`);
  expect(await deployments.deploy()).toBe(problem?.message);
  expect(remembered.idOf('ledger')).toBe(lost);
}, 60_000);

/** The same code with another hash: as a build of another version is. */
function withVersion({ bytes, ...module }: Module, version: number): Module {
  // Of the header of gzip, the time of the file, which nobody reads.
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint32(4, version, true);
  return { ...module, bytes: changed, hash: bytesToHex(sha256(changed)) };
}

describe('other code than before', () => {
  const approved = async () => {
    const codes = expectOk(await deployments.registry().codes());
    return codes.filter(({ standing }) => 'approved' in standing).map(({ version }) => version);
  };
  const machineStep = async (modules: Modules, machineVersion: string) => {
    const planned = expectOk(await planSteps(deployments.steps({ modules, machineVersion })));
    return planned.find(({ step }) => step.id === 'machine/newest');
  };

  it('that is older is what machines are born with again, which the plan says, and then newer again', async () => {
    const [older, newer] = [1, 2].map((version) => ({
      modules: { ...deployments.modules, machine: withVersion(deployments.modules.machine, version) },
      machineVersion: `0.0.${version}`,
    }));
    await deployments.deploy(older);
    expect(await deployments.deploy(newer)).toEqual(['machine/upload', 'machine/approve']);
    expect(await approved()).toEqual(['0.0.1', '0.0.2']);
    const step = await machineStep(older!.modules, '0.0.1');
    expect(step?.isDone).toBe(false);
    expect(step?.step.text).toMatch(/version 0\.0\.1: retire 0\.0\.2 \([0-9a-f]{8}\), which is newer/);
    expect(await deployments.deploy(older)).toEqual(['machine/newest']);
    expect(await deployments.deploy(older)).toEqual([]);
    expect(await approved()).toEqual(['0.0.1']);
    expect(await deployments.deploy(newer)).toEqual(['machine/approve']);
    expect(await approved()).toEqual(['0.0.1', '0.0.2']);
    expect(await deployments.deploy(newer)).toEqual([]);
  }, 300_000);

  it('finds room in a registry whose store is full', async () => {
    await deployments.deploy();
    const id = deployments.remembered.idOf('registry')!;
    const stored = async () => expectOk(await deployments.management.storedChunks(id)).size;
    for (let piece = await stored(); piece < 100; piece++)
      expectOk(await deployments.management.uploadChunk(id, Uint8Array.of(piece)));
    const newer = { modules: { ...deployments.modules, machine: withVersion(deployments.modules.machine, 3) } };
    const given = { ...newer, machineVersion: '0.0.3' };
    const planned = expectOk(await planSteps(deployments.steps(given)));
    const { step } = planned.find(({ step: { id: name } }) => name === 'machine/upload')!;
    expect(step.text).toContain('which is full: retire all older code and empty it');
    expect(await deployments.deploy(given)).toEqual(['machine/upload', 'machine/approve']);
    // Its own pieces, of a mebibyte each, and nothing older.
    expect(await stored()).toBe(Math.ceil(newer.modules.machine.bytes.length / 2 ** 20));
    expect(await approved()).toEqual(['0.0.3']);
    expect(await deployments.deploy(given)).toEqual([]);
  }, 300_000);

  it('that would lose what is there ends the plan, before what stands earlier is upgraded', async () => {
    await deployments.deploy();
    const { ledger, 'simulated-desk': desk } = deployments.modules;
    const layout = desk.layout!.replace('"name":"price"', '"name":"prices"');
    expect(layout).not.toBe(desk.layout);
    const modules = {
      ...deployments.modules,
      ledger: withVersion(ledger, 7),
      'simulated-desk': { ...withVersion(desk, 7), layout },
    };
    const problem = await deployments.problem({ modules });
    expect(problem?.message).toMatch(/Could not bring the simulated-desk .* lose what is there/);
    const hash = expectOk(await deployments.connection.read(deployments.remembered.idOf('ledger')!, ['module_hash']));
    expect(bytesToHex(hash!)).toBe(ledger.hash);
  }, 300_000);
});

it('of two deployments at once, the second is told of the other one, and not how to erase what it brought', async () => {
  await deployments.deployUntil('ledger/run');
  const { connection, remembered, modules } = deployments;
  let looks = 0;
  // As it is seen by who looked just before the other one installed.
  const late: Connection = {
    ...connection,
    read: async (...asked) => (looks++ === 0 ? ok(null) : await connection.read(...asked)),
  };
  const deployer = createDeployer(late, { kind: 'local', remembered });
  const plan = { name: 'ledger', module: modules.ledger, cycles: 1n, cyclesMin: 1n, argument: () => new Uint8Array() };
  const step = canisterSteps(deployer, plan).find(({ id }) => id === 'ledger/code');
  expect(await step!.run()).toMatchObject({
    error: {
      message: expect.stringContaining('somebody else deploys here'),
      nextStep: expect.stringContaining('deploy again'),
    },
  });
}, 60_000);
