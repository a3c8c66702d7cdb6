// The folder of a store as several processes (or one, twice) meet it.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReplica, type Replica, ReplicaError, replayStore } from '@tamc/replica';
import { afterEach, describe, expect, it } from 'vitest';
import { compileWat, createWith, reply } from '../harness/canisters.ts';

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-folder-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function problemOf(opening: Promise<unknown>): Promise<ReplicaError> {
  const problem = await opening.catch((error: unknown) => error);
  return problem instanceof ReplicaError ? problem : expect.unreachable('it was opened');
}

describe('a store in a folder', () => {
  it.runIf(process.platform === 'linux')('is refused where no folder can be made [store.folder]', async () => {
    // Node's recursive mkdir never returns there.
    expect(await problemOf(createReplica({ store: '/proc/nope/here' }))).toMatchObject({
      kind: 'store',
      code: 'noFolder',
      nextStep: 'Choose a place where this user may make folders.',
    });
  });

  it('belongs to one replica at a time; the second is told which one has it and where it listens [store.lock]', async () => {
    const store = newFolder();
    const first = await createReplica({ store });
    const silent = await problemOf(createReplica({ store }));
    expect(silent).toMatchObject({ kind: 'busy', code: 'heldHere' });
    expect(silent.message).toMatch(/^This process has the store open already /);
    expect(silent.message).toContain(`process ${process.pid}`);
    const { url } = await first.listen({ port: 0 });
    const problem = await problemOf(createReplica({ store }));
    expect(problem.message).toContain(url);
    expect(problem.nextStep).toMatch(/close it first, or choose another/);
    await first.close();
    await (await createReplica({ store })).close();
  });

  it('is given back when it cannot be opened [store.lock]', async () => {
    const store = newFolder();
    await (await createReplica({ store })).close();
    for (let i = 0; i < 2; i++)
      expect(await problemOf(createReplica({ store, seed: 'another' }))).toMatchObject({ code: 'otherNetwork' });
    await (await createReplica({ store })).close();
  });

  it('is refused where its path is no folder [store.folder]', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    for (const store of [file, join(file, 'in', 'it')]) {
      const problem = await problemOf(createReplica({ store }));
      expect(problem).toMatchObject({ kind: 'store', code: 'notAFolder' });
      expect(problem.message).toBe(
        `The store is a folder, and here is a file (${store}). Choose another folder, or move the file away.`,
      );
    }
  });

  it('is made when it is not there [store.folder]', async () => {
    const store = join(newFolder(), 'a', 'b');
    const first = await createReplica({ store });
    const { rootKey } = first;
    await first.close();
    const second = await createReplica({ store });
    expect(second.rootKey).toEqual(rootKey);
    await second.close();
  });
});

describe('the recorded inputs of a store', () => {
  it('are executed again only where there is a store; nothing is made elsewhere', async () => {
    const folder = newFolder();
    for (const path of [join(folder, 'nothing'), folder]) {
      const problem = await problemOf(replayStore(path));
      expect(problem).toMatchObject({ kind: 'input', code: 'noStore' });
      expect(problem.message).toBe(
        `There is no store in ${path}. Give the folder that a replica was made with as its \`store\`.`,
      );
    }
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leave with the next checkpoint where they are not to be kept, and the state stays [durable.retain]', async () => {
    const store = newFolder();
    const kept = await createReplica({ store, virtualTime: true });
    const canister = await fill(kept);
    await kept.close();
    expect(journalsIn(store)).toEqual(['journal-000000001', 'journal-000000002']);
    const forgetful = await createReplica({ store, virtualTime: true, retainInputs: false });
    await reply(forgetful.call({ canister, method: 'take', arg: new Uint8Array(1) }));
    const stateHash = forgetful.stateHash();
    await forgetful.close();
    expect(journalsIn(store)).toEqual(['journal-000000002']);
    const again = await createReplica({ store, virtualTime: true });
    expect(again.stateHash()).toBe(stateHash);
    await again.close();
    expect(await problemOf(replayStore(store))).toMatchObject({ kind: 'store', code: 'inputsNotKept' });
  });
});

const journalsIn = (store: string) => readdirSync(store).filter((name) => name.startsWith('journal-'));

/** A segment of the journal, 64 MiB, and some. */
async function fill(replica: Replica): Promise<string> {
  const module = `(module (import "ic0" "msg_reply" (func $reply)) (func (export "canister_update take") (call $reply)))`;
  const canister = await createWith(replica, await compileWat(module));
  // Longer ones are files of their own.
  const arg = new Uint8Array(60_000);
  const take = () => reply(replica.call({ canister, method: 'take', arg }));
  for (let i = 0; i < 7; i++) await Promise.all(Array.from({ length: 200 }, take));
  return canister;
}

it('a store is not opened with another start of its time than it was made with', async () => {
  const store = newFolder();
  const virtualTime = { startNs: 1_700_000_000_000_000_000n };
  const first = await createReplica({ store, virtualTime });
  first.time.advanceNs(5_000_000_000n);
  await first.time.tick();
  const nowNs = first.time.nowNs();
  await first.close();
  // A program that runs a second time gives the same options.
  const second = await createReplica({ store, virtualTime });
  expect(second.time.nowNs()).toBe(nowNs);
  await second.close();
  const later = { startNs: virtualTime.startNs + 3_600_000_000_000n };
  const problem = await problemOf(createReplica({ store, virtualTime: later }));
  expect(problem).toMatchObject({ kind: 'input', code: 'otherNetwork' });
  expect(problem.message).toContain(`whose time began at ${virtualTime.startNs}n, and not at ${later.startNs}n.`);
  expect(problem.nextStep).toContain('time.setNs');
});
