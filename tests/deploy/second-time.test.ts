// A deployment to a network that was deployed to before: with other words, with other code, or after it lost what was there.
import { principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rememberInMemory } from '../../stack/src/deploy/deployer.ts';
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
