// A network in another process, in virtual time, kept on disk: it is deployed to, its time is turned, it is killed and started again.
// Whoever lives on it reaches it through the client alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@tamc/base/result';
import { type Connection, connect, type Ed25519KeyIdentity } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { openNetworkFolder } from '../../stack/src/deploy/network-folder.ts';
import { type Program, startProgram, tamc } from '../program.ts';

export const secondNs = 1_000_000_000n;
export const minuteNs = 60n * secondNs;
export const hourNs = 60n * minuteNs;

export interface Network {
  nowNs(): bigint;
  /** Now, and never the same twice: a ledger takes two transfers of the same moment for one. */
  stampNs(): bigint;
  /** Time goes on by so much, and what is due then happens. */
  pass(durationNs: bigint): Promise<void>;
  /** Seconds pass until it is so; so many at most. */
  until(what: string, isSo: () => Promise<boolean>, secondsMax?: number): Promise<void>;
  connect(identity: Ed25519KeyIdentity): Promise<Connection>;
  /** As power failures do it: no warning, and a start with what is on the disk. */
  killAndRestart(): Promise<void>;
  deploy(): Promise<Deployed>;
  close(): Promise<void>;
}

export interface Deployed {
  /** The account that money comes from, and the governor of the registry. */
  readonly deployer: Ed25519KeyIdentity;
  readonly ledger: PrincipalHex;
  readonly desk: PrincipalHex;
  readonly registry: PrincipalHex;
}

/** A turn of the clock is told to the replica when it is behind by so much: clients' messages live for minutes. */
const driftNsMax = 10n * secondNs;
const machineNowNs = () => BigInt(Date.now()) * 1_000_000n;

export async function startNetwork(): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-journey-'));
  const store = join(folder, 'replica');
  let replica: Program = startReplica(store, '0');
  const [, url] = await replica.waitFor(/"url":"([^"]+)"/);
  const time = await createTurner(url!);
  let stamps = 0n;
  const ensureFresh = async () => {
    if (time.wantedNs() - time.toldNs() > driftNsMax) await time.turn(0n, 1);
  };
  return {
    nowNs: time.toldNs,
    stampNs: () => time.toldNs() + stamps++,
    pass: (durationNs) => time.turn(durationNs, 10),
    until: async (what, isSo, secondsMax = 120) => {
      for (let i = 0; i < secondsMax; i++) {
        if (await isSo()) return;
        await time.turn(secondNs, 5);
      }
      throw new Error(`it never came to this: ${what}`);
    },
    connect: (identity) => connectOver(url!, identity, ensureFresh, time.aheadNs),
    killAndRestart: async () => {
      replica.child.kill('SIGKILL');
      await replica.ended;
      replica = startReplica(store, new URL(url!).port);
      await replica.waitFor(/"url":"([^"]+)"/);
      await time.turn(0n, 1);
    },
    deploy: async () => {
      // The command runs by the machine's clock, and so does the network meanwhile.
      const ticking = setInterval(() => time.turn(0n, 1).catch(() => {}), 1_000);
      return await deployTo(url!, folder).finally(() => clearInterval(ticking));
    },
    close: async () => {
      replica.child.kill('SIGKILL');
      await replica.ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startReplica(store: string, port: string): Program {
  const words = ['replica', '--port', port, '--store', store, '--virtual-time', '--json'];
  return startProgram(['stack/bin/tamc.mjs', ...words]);
}

/** Time is the machine's and what was added to it, so that messages in flight stay fresh however long a test takes. */
async function createTurner(url: string) {
  let aheadNs = 0n;
  let told = 0n;
  // One after the other: an earlier time must not arrive after a later one.
  let last: Promise<void> = Promise.resolve();
  const wantedNs = () => machineNowNs() + aheadNs;
  const turnNow = async (ticks: number) => {
    // Every round takes a nanosecond, so a time that is hardly later may have passed already.
    const setNs = wantedNs() - told > secondNs / 1_000n ? { setNs: String(wantedNs()) } : {};
    const response = await fetch(`${url}/_/time`, { method: 'POST', body: JSON.stringify({ ...setNs, ticks }) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    told = BigInt(JSON.parse(text).timeNs);
  };
  const turner = {
    toldNs: () => told,
    wantedNs,
    aheadNs: () => aheadNs,
    turn: (durationNs: bigint, ticks: number): Promise<void> => {
      aheadNs += durationNs;
      const turned = last.then(() => turnNow(ticks));
      last = turned.catch(() => {});
      return turned;
    },
  };
  await turner.turn(0n, 1);
  return turner;
}

/** A client knows the network's time from its last look at it: after a jump it looks again. */
async function connectOver(
  url: string,
  identity: Ed25519KeyIdentity,
  ensureFresh: () => Promise<void>,
  aheadNs: () => bigint,
): Promise<Connection> {
  await ensureFresh();
  const connection = expectOk(await connect({ url, identity }));
  let knownNs = 0n;
  const ready = async (canister: PrincipalHex) => {
    await ensureFresh();
    if (aheadNs() - knownNs < minuteNs / 2n) return;
    await connection.agent.syncTime(hexToPrincipal(canister));
    knownNs = aheadNs();
  };
  return {
    ...connection,
    call: async (canister, method, values) => {
      await ready(method.about ?? canister);
      return await connection.call(canister, method, values);
    },
    read: async (canister, segments) => {
      await ready(canister);
      return await connection.read(canister, segments);
    },
  };
}

async function deployTo(url: string, folder: string): Promise<Deployed> {
  const { code, output } = await tamc('deploy', '--network', url, '--store', folder, '--yes', '--json');
  if (code !== 0) throw new Error(output);
  const kept = openNetworkFolder(folder);
  const idOf = (name: string) => parsePrincipal(kept.canisters()[name] ?? '')!;
  return {
    deployer: kept.identity(),
    ledger: idOf('ledger'),
    desk: idOf('simulated-desk'),
    registry: idOf('registry'),
  };
}

export function expectOk<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
