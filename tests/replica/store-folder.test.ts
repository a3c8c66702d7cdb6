// The folder of a store as several processes (or one, twice) meet it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReplica, ReplicaError } from '@tamc/replica';
import { afterEach, describe, expect, it } from 'vitest';

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
    expect(await problemOf(createReplica({ store: '/proc/nope/here' }))).toMatchObject({ kind: 'store' });
  });

  it('belongs to one replica at a time; the second is told which one has it and where it listens [store.lock]', async () => {
    const store = newFolder();
    const first = await createReplica({ store });
    const silent = await problemOf(createReplica({ store }));
    expect(silent).toMatchObject({ kind: 'busy', code: 'locked' });
    expect(silent.message).toContain(`process ${process.pid}`);
    const { url } = await first.listen({ port: 0 });
    const problem = await problemOf(createReplica({ store }));
    expect(problem.message).toContain(url);
    expect(problem.nextStep).toMatch(/stop it, or choose another/);
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
