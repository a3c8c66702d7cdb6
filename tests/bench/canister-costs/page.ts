// docs/reference/canister-costs.md: the measured table as text, and back from text, so that a test sees what has grown.
import { gzipSync } from 'node:zlib';
import type { Cost, Memory } from './meter.ts';
import { dollarsPerXdr, type Month } from './month.ts';

export interface Measured {
  readonly canister: string;
  readonly memory: Memory;
  readonly wasm: Uint8Array;
  readonly costs: readonly Cost[];
}

const millions = (count: bigint) => (Number(count) / 1e6).toFixed(2);
const mebibytes = (bytes: number | bigint) => (Number(bytes) / 2 ** 20).toFixed(2);

export function renderPage(measured: readonly Measured[], month: Month): string {
  return `# What the canisters cost

Made by \`npm run bench -- canisters --write\`. Instructions and cycles are counted by the replica as a subnet of 13 nodes counts them,
with typical arguments, and are the same in every run; \`tests/canister-costs.test.ts\` fails when the instructions of an act have grown by
more than a fifth over this table. Instructions are those of the canister's own Wasm in all messages of the act; where timers do a part
of it, with the 5 M that each further message costs. Cycles are all that the canister pays for it: arrival, execution, calls to others.
Queries were called as updates to be measured; as queries they cost nothing.

## Size

| canister | Wasm MiB | compressed MiB | heap after init MiB | stable memory MiB | all that is stored MiB |
|---|---:|---:|---:|---:|---:|
${measured.map(renderSize).join('\n')}

${measured.map(renderCosts).join('\n\n')}

## A machine for a month

On the main network, with the load of a washer in a house. 1 T cycles are 1 XDR; an XDR is taken as ${dollarsPerXdr.toFixed(2)} dollars.

| what | times a month | million cycles |
|---|---:|---:|
${month.rows.map(({ act, times, cycles }) => `| ${act} | ${times} | ${millions(cycles)} |`).join('\n')}
| storage of Wasm, heap and stable memory | | ${millions(month.storageCycles)} |
| **all** | | **${millions(month.allCycles)}** |

That is **${month.dollars.toFixed(2)} dollars** a month.
`;
}

function renderSize({ canister, memory, wasm }: Measured): string {
  const { wasmBytes, heapBytes, stableBytes, allBytes } = memory;
  const compressed = gzipSync(wasm, { level: 9 }).length;
  return `| ${canister} | ${[wasmBytes, compressed, heapBytes, stableBytes, allBytes].map(mebibytes).join(' | ')} |`;
}

function renderCosts({ canister, costs }: Measured): string {
  const rows = costs.map(
    ({ act, instructions, cycles }) => `| ${act} | ${millions(instructions)} | ${millions(cycles)} |`,
  );
  return [`## ${canister}`, '', '| act | million instructions | million cycles |', '|---|---:|---:|', ...rows].join(
    '\n',
  );
}

/** Million instructions by act. */
export function parsePage(text: string, canister: string): ReadonlyMap<string, number> {
  const [, section = ''] = text.split(`## ${canister}\n`);
  const [rows = ''] = section.split('\n## ');
  const found = [...rows.matchAll(/^\| ([^|]+) \| ([\d.]+) \| [\d.]+ \|$/gm)];
  return new Map(found.map(([, act, count]) => [act!, Number(count)]));
}
