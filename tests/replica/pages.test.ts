// Pages of memory are given back: whatever traps, fails, is only asked or is uninstalled holds none afterwards.
import { expect, it } from 'vitest';
import { openReplicaIn } from '../../replica/src/replica.ts';
import { openStoreFolder } from '../../replica/src/runtime/store-folder.ts';
import { createCanister, install, manage, tryInstall } from '../harness/canisters.ts';
import { addToCell, blob, call, int, op, program, reply, setCell, trap } from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { startNs } from '../harness/world.ts';

const changes = program(
  ...[1, 9, 30].map((cell) => setCell(cell, 77)),
  op('drop', op('memory_grow', int(2))),
  op('drop', op('stable64_grow', int(1))),
  op('stable_write', int(5_000), blob('x'.repeat(9_000))),
);

it('[memory.pages] are given back by traps, queries, failed installations, upgrades and uninstalling', async () => {
  const { replica, network } = await openReplicaIn(await openStoreFolder(null), { virtualTime: { startNs } });
  const { pool } = network.scheduler.world;
  const wasm = await universal({ init: true, postUpgrade: true, hooks: ['preUpgrade'] });
  const [kept, other] = [await createCanister(replica), await createCanister(replica)];
  for (const canister of [kept, other]) await install(replica, canister, wasm, 'install', setCell(0, 1));
  const everything = async () => {
    await replica.call({ canister: kept, method: 'update', arg: program(changes, trap('no')) });
    await replica.query({ canister: kept, method: 'query', arg: program(changes, reply()) });
    const inner = call({ callee: other, method: 'composite', arg: program(changes, trap('no')), onReject: changes });
    await replica.query({ canister: kept, method: 'composite', arg: program(changes, inner) });
    await tryInstall(replica, kept, wasm, 'upgrade', program(changes, trap('no')));
    await tryInstall(replica, kept, wasm, 'reinstall', program(changes, trap('no')));
    const gone = await createCanister(replica);
    await install(replica, gone, wasm, 'install', changes);
    await install(replica, gone, wasm, 'upgrade', changes);
    await replica.call({ canister: gone, method: 'update', arg: program(changes, addToCell(3, 1), reply()) });
    await manage(replica, 'uninstall_code', gone);
  };
  await everything();
  const used = pool.usedPages();
  for (let i = 0; i < 5; i++) await everything();
  expect(pool.usedPages()).toBe(used);
  await replica.close();
});
