// The drawing of the town: every machine on a line that fits, what needs somebody and the owner's first, and nothing told by colour
// alone.
import { parsePrincipal } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import type { Waiting } from '../approve/waiting.ts';
import { machineStates, type TownMachine } from '../town/read-town.ts';
import { cellsOf } from './cells.ts';
import { coloured, paintFor, plain } from './paint.ts';
import { renderStatus, type Status } from './status.ts';
import { statusToJson } from './status-json.ts';

const owner = parsePrincipal('2vxsx-fae')!;
const town = parsePrincipal('rrkah-fqaaa-aaaaa-aaaaq-cai')!;
const nowNs = 1_800_000_000n * 1_000_000_000n;

const machine = (name: string, changes: Partial<TownMachine> = {}): TownMachine => ({
  id: town,
  operator: town,
  name,
  kind: 'washer',
  make: 'Simulated',
  state: 'free',
  earned: 12_500_000n,
  symbol: 'simUSD',
  decimals: 6,
  wearPpm: 420_000,
  verdict: 'good',
  fault: null,
  openOrders: 0,
  lastReportNs: nowNs - 240n * 1_000_000_000n,
  ...changes,
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
const colourCode = /\u001b\[\d+m/g;

const waiting: Waiting = {
  machine: town,
  name: 'washer 9',
  request: 3,
  text: 'Machine x asks to pay 7 simUSD',
  summary: 'to pay 7 simUSD (fee 0.0001 simUSD)',
  hash: '00ff',
  expiresNs: nowNs + 3n * 86_400n * 1_000_000_000n,
  problem: null,
};

const status: Status = {
  network: { url: 'http://127.0.0.1:4943', page: 'http://127.0.0.1:4944/', mcp: 'http://127.0.0.1:4945/mcp' },
  owner,
  nowNs,
  machines: [
    machine('scooter 1', { kind: 'scooter', state: 'busy', openOrders: 1 }),
    machine('washer 9', { operator: owner, wearPpm: null, verdict: null, lastReportNs: null, state: 'no device' }),
  ],
  waiting: [waiting],
};
const draw = (given: Status, columns = 80, rows: number | null = null) =>
  renderStatus(given, { columns, rows, paint: plain });

describe('the drawing of the town', () => {
  it('is this, in eighty columns', () => {
    expect(draw(status).join('\n')).toMatchInlineSnapshot(`
      "Autonomous Machine Cloud
      2027-01-15 08:00:00 UTC · replica http://127.0.0.1:4943
      MCP http://127.0.0.1:4945/mcp · page http://127.0.0.1:4944/

        machine      kind     state                 money wear         report orders
      ★ washer 9     washer   – no device    12.50 simUSD unknown       never      0
        scooter 1    scooter  ▶ busy         12.50 simUSD ███░░░ 42%    4 min      1

      2 machines (★ 1 yours): 1 busy, 1 no device · 25.00 simUSD · 1 open order
      ! 1 request for you to decide: npx tamc approve
        washer 9, request 3: to pay 7 simUSD (fee 0.0001 simUSD) (3 d left)"
    `);
  });

  it('fits every width, and loses neither name nor state', () => {
    for (let columns = 30; columns <= 160; columns++) {
      const lines = draw(status, columns);
      expect(lines.filter((line) => cellsOf(line) > columns)).toEqual([]);
      expect(lines.some((line) => /^. scooter 1.*▶ busy/.test(line))).toBe(true);
    }
  });

  it('fits every height, and says what it leaves out', () => {
    const machines = Array.from({ length: 30 }, (_, i) => machine(`scooter ${i}`));
    for (const rows of [12, 16, 24, 40]) {
      const lines = draw({ ...status, machines }, 80, rows);
      expect(lines.length).toBeLessThan(rows);
      expect(lines.some((line) => line.includes('more: npx tamc machine'))).toBe(rows < 40);
    }
  });

  it("shows what needs somebody first, then the owner's, also where few lines fit", () => {
    const mine = { operator: owner };
    const machines = [
      ...Array.from({ length: 20 }, (_, i) => machine(`my ${i}`, mine)),
      ...Array.from({ length: 20 }, (_, i) => machine(`scooter ${i}`)),
      ...(['fault', 'no answer'] as const).map((state) => machine(`their ${state}`, { state })),
      ...(['stopped', 'frozen'] as const).map((state) => machine(`own ${state}`, { state, ...mine })),
    ];
    const shown = (rows: number | null) =>
      draw({ ...status, machines }, 80, rows)
        .map((line) => /^. ((?:my|scooter|own|their) \w+)/.exec(line)?.[1])
        .filter((name) => name !== undefined);
    const first = ['own frozen', 'own stopped', 'their fault', 'their no', 'my 0', 'my 1'];
    expect(shown(null).slice(0, 6)).toEqual(first);
    expect(shown(null).slice(-1)).toEqual(['scooter 19']);
    expect(shown(18)).toEqual(first.slice(0, shown(18).length));
    expect(shown(18).length).toBeGreaterThan(3);
  });

  it('tells each state in a sign and a word, with colours and without', () => {
    for (const state of machineStates) {
      const one = { ...status, machines: [machine('it', { state })] };
      expect(draw(one).join('\n')).toMatch(new RegExp(`it +washer +\\S ${state}`));
      const lines = renderStatus(one, { columns: 80, rows: null, paint: coloured });
      expect(lines.map((line) => line.replace(colourCode, ''))).toEqual(draw(one));
    }
  });

  it('lets no name break out of its column', () => {
    const evil = machine('\u001b[2Jevil\n★ all is well\u202e', { kind: '\u0007\u009b31m', symbol: '\u001b]0;x\u0007' });
    const lines = draw({
      ...status,
      machines: [evil],
      waiting: [{ ...waiting, name: 'a\u001b[1mb', summary: 'x\ny' }],
    });
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines.filter((line) => line.startsWith('★'))).toEqual([]);
  });

  it('says what to do where nobody is owner, and where no machine is', () => {
    const lines = draw({ ...status, owner: null, machines: [], waiting: [] }).join('\n');
    expect(lines).toContain('npx tamc owner');
    expect(lines).toContain('No machine has been born yet');
  });

  it('names whole commands of another network, and none that is cut', () => {
    const inTerminal = (words: string) => `node /a/tamc.mjs ${words} --store '/a b/${'long '.repeat(12)}'`;
    const drawn = (given: Status, rows: number | null = null) =>
      renderStatus(given, { columns: 60, rows, paint: plain, inTerminal });
    const machines = Array.from({ length: 30 }, (_, i) => machine(`scooter ${i}`));
    for (const given of [status, { ...status, owner: null }, { ...status, machines }]) {
      const lines = drawn(given, 20);
      expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(60);
      expect(lines.length).toBeLessThan(20);
      const words = given.owner === null ? 'owner' : 'approve';
      expect(lines.join(' ')).toContain(inTerminal(words));
      expect(lines.join('\n')).not.toContain('npx tamc');
      expect(lines.join('\n')).not.toContain('tamc.mjs machine');
    }
  });

  it('is data for programs', () => {
    expect(JSON.parse(JSON.stringify(statusToJson(status)))).toMatchObject({
      owner: '2vxsx-fae',
      machines: [
        { name: 'scooter 1', isYours: false, earned: '12500000' },
        { name: 'washer 9', isYours: true },
      ],
      waiting: [{ name: 'washer 9', request: 3, payloadHash: '00ff' }],
    });
  });
});

describe('colours', () => {
  it('are for terminals that have them and people who want them', () => {
    expect(paintFor(true, {})).toBe(coloured);
    expect(paintFor(false, {})).toBe(plain);
    expect(paintFor(true, { NO_COLOR: '1' })).toBe(plain);
    expect(paintFor(true, { NO_COLOR: '' })).toBe(coloured);
    expect(paintFor(true, { TERM: 'dumb' })).toBe(plain);
  });
});
