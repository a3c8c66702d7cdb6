import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity } from '@tamc/client';
import { expect, it, vi } from 'vitest';
import { openNetworkFolder } from './network-folder.ts';
import { openNetwork } from './open-network.ts';

it.each(['local', 'main'] as const)(
  'a %s network that is out of reach is one sentence, and nothing else',
  async (kind) => {
    const path = mkdtempSync(join(tmpdir(), 'tamc-network-'));
    const written = (['log', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));
    try {
      const network = { name: 'ic', url: 'http://127.0.0.1:1', kind };
      expect(await openNetwork(network, openNetworkFolder(path), createIdentity())).toMatchObject({
        ok: false,
        error: { message: 'Nothing answers at http://127.0.0.1:1.' },
      });
      for (const spy of written) expect(spy).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
      rmSync(path, { recursive: true, force: true });
    }
  },
  60_000,
);

it.each(['local', 'main'] as const)(
  'a %s network that takes the connection and says nothing is given up',
  async (kind) => {
    const path = mkdtempSync(join(tmpdir(), 'tamc-network-'));
    const silent = createServer(() => {});
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      const opened = await openNetwork({ name: 'x', url, kind }, openNetworkFolder(path), createIdentity(), 100);
      expect(opened).toMatchObject({ ok: false, error: { message: `Nothing answers at ${url}.` } });
    } finally {
      silent.closeAllConnections();
      silent.close();
      rmSync(path, { recursive: true, force: true });
    }
  },
);
