import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { call, callFromCanister, expectRefusalTo, setUpCanister, toAgent } from './driver-double.ts';
import { alice, bob, createWorldDouble, describeModule, type ModuleDescription, nobodysId } from './world-double.ts';

const method = 'install_code';
const simple = describeModule({ log: 'hello' });
const persistent = describeModule({
  sections: [{ name: 'enhanced-orthogonal-persistence', visibility: 'private', text: '' }],
});

function setUp() {
  const world = createWorldDouble();
  const canister = setUpCanister(world);
  const argument = (mode: unknown, wasm_module: Uint8Array, more: object = {}) => ({
    canister_id: toAgent(canister.id),
    mode,
    wasm_module,
    arg: textToBytes('arg'),
    ...more,
  });
  return {
    world,
    canister,
    install: (mode: unknown, module: Uint8Array = simple) => call(world, alice, method, argument(mode, module)),
    refuse: (
      mode: unknown,
      module: Uint8Array,
      error: Parameters<typeof expectRefusalTo>[4],
      text: RegExp | string = '',
    ) => expectRefusalTo(world, alice, method, argument(mode, module), error, text),
    argument,
  };
}

const install = { install: null };
const reinstall = { reinstall: null };
const upgrade = { upgrade: [] };
const keep = { upgrade: { wasm_memory_persistence: { keep: null } } };
const replace = { upgrade: { wasm_memory_persistence: { replace: null } } };

describe('install_code', () => {
  it('installs into an empty canister, raises the version and records it [management.install_code.install]', () => {
    const { world, canister, argument } = setUp();
    canister.controllers.push(bob);
    const outcome = callFromCanister(world, bob, method, argument(install, simple, { sender_canister_version: 4n }), {
      senderVersion: 4n,
      cycles: 3n,
    });
    expect(outcome).toMatchObject({ kind: 'replied', refund: 3n, touched: [canister.id] });
    expect(world.installations).toMatchObject([
      { mode: 'install', arg: textToBytes('arg'), sender: bob, skipPreUpgrade: false, keepHeap: false },
    ]);
    expect(canister.code?.moduleHash).toBe(bytesToHex(sha256(simple)));
    expect(canister.version).toBe(1n);
    expect(canister.history.at(-1)).toEqual({
      timestampNs: world.state.timeNs,
      canisterVersion: 1n,
      origin: { kind: 'canister', canisterId: bob, canisterVersion: 4n },
      details: { kind: 'codeDeployment', mode: 'install', moduleHash: sha256(simple) },
    });
  });

  it('is for controllers of canisters that exist [management.install_code.caller]', () => {
    const { world, canister, argument } = setUp();
    for (const caller of [bob, canister.id]) {
      expectRefusalTo(world, caller, method, argument(install, simple), 'canisterInvalidController');
    }
    const elsewhere = argument(install, simple, { canister_id: toAgent(nobodysId) });
    expectRefusalTo(world, alice, method, elsewhere, 'canisterNotFound');
  });

  it('does not install over code [management.install_code.install]', () => {
    const { install: run, refuse, canister } = setUp();
    run(install);
    const text = `Canister ${toAgent(canister.id)} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.`;
    refuse(install, simple, 'canisterNonEmpty', text);
    expect(run(reinstall)).toMatchObject({ kind: 'replied' });
  });

  it('does not upgrade an empty canister, but reinstalls it [management.install_code.mode]', () => {
    const { install: run, refuse } = setUp();
    refuse(upgrade, simple, 'canisterWasmModuleNotFound');
    expect(run(reinstall)).toMatchObject({ kind: 'replied' });
  });

  it('refuses what is no module [management.install_code.module]', () => {
    const { refuse } = setUp();
    refuse(
      install,
      textToBytes('text'),
      'canisterInvalidWasm',
      /^Error from Canister \S+: Canister's Wasm module is not valid: no /,
    );
    refuse(install, new Uint8Array(0), 'canisterInvalidWasm');
  });

  it('changes nothing when the new code traps [management.install_code.atomic]', () => {
    const { install: run, refuse } = setUp();
    const trapping = describeModule({ trap: 'no' });
    refuse(install, trapping, 'canisterCalledTrap', 'no');
    run(install);
    refuse(reinstall, trapping, 'canisterCalledTrap');
    refuse(upgrade, trapping, 'canisterCalledTrap');
  });

  it('keeps logs through an upgrade and drops them on reinstall [management.install_code.logs]', () => {
    const { install: run, canister } = setUp();
    run(install);
    run(upgrade);
    expect(canister.logs.map((record) => record.index)).toEqual([0n, 1n]);
    run(reinstall);
    expect(canister.logs.map((record) => record.index)).toEqual([2n]);
  });

  it('passes the upgrade options on [management.install_code.options]', () => {
    const { world, install: run } = setUp();
    run(install);
    run({ upgrade: { skip_pre_upgrade: [true] } });
    run({ upgrade: { skip_pre_upgrade: [false], wasm_memory_persistence: { replace: null } } });
    run({ upgrade: [] });
    run(upgrade, persistent);
    run(keep, persistent);
    expect(world.installations.slice(1)).toMatchObject([
      { mode: 'upgrade', skipPreUpgrade: true, keepHeap: false },
      { mode: 'upgrade', skipPreUpgrade: false, keepHeap: false },
      { mode: 'upgrade', skipPreUpgrade: false, keepHeap: false },
      { mode: 'upgrade', skipPreUpgrade: false, keepHeap: false },
      { mode: 'upgrade', skipPreUpgrade: false, keepHeap: true },
    ]);
  });

  it('wants an option when the old code keeps its state in the heap [management.install_code.persistence]', () => {
    const { install: run, refuse } = setUp();
    run(install, persistent);
    for (const mode of [upgrade, { upgrade: { skip_pre_upgrade: [true] } }]) {
      refuse(
        mode,
        persistent,
        'canisterContractViolation',
        'Missing upgrade option: Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option.',
      );
    }
    expect(run(keep, persistent)).toMatchObject({ kind: 'replied' });
    expect(run(replace, simple)).toMatchObject({ kind: 'replied' });
  });

  it('keeps a heap only for new code that expects one [management.install_code.persistence]', () => {
    const { install: run, refuse } = setUp();
    run(install, persistent);
    const text = /^Invalid upgrade option: The `wasm_memory_persistence: opt Keep` upgrade option requires/;
    refuse(keep, simple, 'canisterContractViolation', text);
    const publicSection: ModuleDescription = {
      sections: [{ name: 'enhanced-orthogonal-persistence', visibility: 'public', text: '' }],
    };
    refuse(keep, describeModule(publicSection), 'canisterContractViolation', text);
    expect(run(reinstall, simple)).toMatchObject({ kind: 'replied' });
  });
});
