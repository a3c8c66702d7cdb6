// `tamc deploy` against a replica in another process, over plain HTTP: the plan, the deed, an interruption, a second run; and
// machines that are born there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindRegistry, connect, createCommandId, createIdentity, createManagement } from '@tamc/client';
import { parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { type MemoryReplica, startMemoryReplica, startProgram, tamc } from './program.ts';

let replica: MemoryReplica;
let folder = '';
let url = '';

beforeAll(async () => {
  replica = await startMemoryReplica();
  ({ folder, url } = replica);
});
afterAll(() => replica.stop());

const deploy = (...words: string[]) => tamc('deploy', '--network', url, '--store', folder, ...words);

/** Deploys until it says this, and no further. */
async function killedAt(moment: RegExp): Promise<void> {
  const cut = startProgram(['stack/bin/tamc.mjs', 'deploy', '--network', url, '--store', folder, '--yes']);
  await cut.waitFor(moment);
  cut.child.kill('SIGKILL');
  await cut.ended;
}

async function createPlain(): Promise<string> {
  const connected = await connect({ url, identity: createIdentity() });
  if (!connected.ok) throw new Error(connected.error.message);
  const created = await createManagement(connected.value).createWithCycles(1_000_000_000_000n);
  return created.ok ? principalToText(created.value) : created.error.message;
}

/** Progress goes to standard error, the result is the line of JSON. */
function resultOf(output: string) {
  return JSON.parse(output.split('\n').find((line) => line.startsWith('{'))!);
}

describe('tamc deploy', () => {
  it('shows a plan and does nothing without being told to', async () => {
    const { code, output } = await deploy();
    expect(code, output).toBe(3);
    expect(output).toMatch(/Plan: (\d+) of \1 steps are open\./);
    expect(output).toContain('• create the canister of the ledger');
    expect(output).toContain('Nothing was done. Add --yes');
  });

  it('goes on after it was killed in the middle, more than once, and then finds nothing to do', async () => {
    for (const moment of [/… create the canister of the ledger/, /… create the canister of the ledger/])
      await killedAt(moment);
    await killedAt(/✓ bring the ledger to the code/);
    await killedAt(/… create the canister of the registry/);
    await killedAt(/… bring the registry to the code/);

    const { code, output } = await deploy('--yes', '--json');
    expect(code, output).toBe(0);
    const { steps, canisters } = resultOf(output);
    const states = Object.fromEntries(steps.map((step: { id: string; state: string }) => [step.id, step.state]));
    expect(states['ledger/create']).toBe('was done');
    expect(states['machine/approve']).toBe('done now');
    expect(Object.values(states)).not.toContain('open');
    expect(Object.keys(canisters)).toEqual(['ledger', 'simulated-desk', 'registry']);

    const again = await deploy('--yes');
    expect(again.code, again.output).toBe(0);
    expect(again.output).toContain('Nothing to do: everything is there.');
    for (const id of Object.values(canisters)) expect(again.output).toContain(id);
    // Each was asked for under an id of its own, so the first that the network gives by itself is still free: none was lost.
    expect(await createPlain()).toBe('bkyz2-fmaaa-aaaaa-qaaaq-cai');
  }, 300_000);

  it('starts a canister again that an upgrade left stopped when it was cut off', async () => {
    const network = openNetworkFolder(folder);
    const connected = await connect({ url, identity: network.identity() });
    if (!connected.ok) throw new Error(connected.error.message);
    const ledger = parsePrincipal(network.canisters().ledger!)!;
    expect(await createManagement(connected.value).stop(ledger)).toMatchObject({ ok: true });
    const { code, output } = await deploy('--yes');
    expect(code, output).toBe(0);
    expect(output).toContain('✓ have the ledger running');
    expect((await deploy('--yes')).output).toContain('Nothing to do');
  }, 120_000);

  it('lets machines be born there, each a canister of its own', async () => {
    const { output } = await deploy('--yes', '--json');
    const { canisters } = resultOf(output);
    const connected = await connect({ url, identity: createIdentity() });
    if (!connected.ok) throw new Error(connected.error.message);
    const registry = bindRegistry(connected.value, parsePrincipal(canisters.registry)!);
    const ordered = await registry.bear({
      command_id: createCommandId(),
      module_hash: [],
      births: ['Rua A', 'Rua B', 'Rua C'].map((title) => washer(title)),
    });
    expect(ordered).toMatchObject({ ok: true, value: { first: 0, count: 3 } });
    for (let look = 0; look < 120; look++) {
      const machines = await registry.machines(0, 10);
      if (machines.ok && machines.value.items.length === 3) {
        expect(new Set(machines.value.items.map(({ canister }) => canister.toText())).size).toBe(3);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(JSON.stringify(await registry.births(0, 10), (_, v) => (typeof v === 'bigint' ? `${v}` : v)));
  }, 120_000);

  it('refuses what it cannot use with a sentence and changes nothing', async () => {
    expect(await tamc('deploy', '--network', 'moon')).toMatchObject({
      code: 1,
      output: expect.stringContaining('"moon" is no network'),
    });
    const nobody = await tamc('deploy', '--network', 'http://127.0.0.1:1', '--store', folder);
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('Nothing answers at http://127.0.0.1:1') });
    const config = join(folder, 'config.json');
    writeFileSync(config, '{"engine":true,"foreignLedgers":["mxzaz-hqaaa-aaaar-qaada-cai"]}');
    const foreign = await deploy('--config', config, '--yes');
    expect(foreign).toMatchObject({ code: 1, output: expect.stringContaining('has to live on the engine') });
    expect(await deploy('--subnet', 'abc')).toMatchObject({
      code: 1,
      output: expect.stringContaining('--subnet is for the main network'),
    });
    const nowhere = await tamc('deploy', '--network', 'ic', '--store', folder, '--subnet', 'abc');
    expect(nowhere).toMatchObject({ code: 1, output: expect.stringContaining('no id of a subnet') });
    writeFileSync(config, '{"canisterCycles":"1"}');
    expect(await deploy('--config', config, '--yes')).toMatchObject({
      code: 1,
      output: expect.stringContaining('"canisterCycles" is 1, and has to be from'),
    });
  });

  it('says what of a changed configuration does not count any more', async () => {
    const config = join(folder, 'changed.json');
    writeFileSync(config, '{"canisterCycles":"5000000000000","birthsPerCaller":1000}');
    const { code, output } = await deploy('--config', config);
    expect(code, output).toBe(0);
    expect(output).toContain('canisterCycles only count when one is created');
    // It is kept: the next deployment is not one with the defaults, and says so.
    const kept = join(folder, 'configuration.json');
    const next = await deploy();
    expect(next.output).toContain(`As at the deployment before (${kept}; --config changes it):`);
    expect(next.output).toContain('  birthsPerCaller: 1000\n');
    expect(next.output).toContain('Nothing to do');
    writeFileSync(kept, '[]');
    expect(await deploy()).toMatchObject({ code: 1, output: expect.stringContaining(`${kept} is not what`) });
    rmSync(kept);
  }, 120_000);

  it('never begins anew where its own files are damaged', async () => {
    const damaged = mkdtempSync(join(tmpdir(), 'tamc-damaged-'));
    try {
      for (const name of ['canisters.json', 'identity.json']) {
        writeFileSync(join(damaged, name), '{"ledger":"kwc7c');
        const { code, output } = await tamc('deploy', '--network', url, '--store', damaged, '--yes');
        expect(code, output).toBe(1);
        expect(output).toContain(join(damaged, name));
        expect(output).toContain('Put it back from a copy');
        expect(readFileSync(join(damaged, name), 'utf8')).toBe('{"ledger":"kwc7c');
        rmSync(join(damaged, name));
      }
    } finally {
      rmSync(damaged, { recursive: true, force: true });
    }
  }, 120_000);
});

function washer(title: string) {
  const thing = {
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    title,
    securityDefinitions: { none: { scheme: 'nosec' } },
    security: 'none',
    properties: { state: { type: 'string', forms: [{ href: 'state' }] } },
    actions: { wash: { forms: [{ href: 'wash' }] } },
  };
  const about = { kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp', charter: 'Washes.' };
  return { operator: [] as [], ...about, thing: JSON.stringify(thing) };
}
