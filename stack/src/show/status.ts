// The town as lines of a terminal: what `tamc status` draws. Pure: the same facts give the same lines.
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Waiting } from '../approve/waiting.ts';
import type { MachineState, TownMachine } from '../town/read-town.ts';
import { cellsOf, cut, fit, harmless, wrap } from './cells.ts';
import { renderMoney } from './money.ts';
import type { Paint, Style } from './paint.ts';
import { renderAgo, renderDuration } from './times.ts';

export interface Status {
  readonly network: { readonly url: string; readonly page: string | null; readonly mcp: string | null };
  /** Null: nobody has been made owner yet. */
  readonly owner: PrincipalHex | null;
  readonly nowNs: bigint;
  readonly machines: readonly TownMachine[];
  readonly waiting: readonly Waiting[];
}

export interface Look {
  readonly columns: number;
  /** Null: as many lines as there are. */
  readonly rows: number | null;
  readonly paint: Paint;
  /** What a person types for this network, from the words after `npx tamc`; left out: the usual one. */
  readonly inTerminal?: (words: string) => string;
}

const usual = (words: string) => `npx tamc ${words}`;

const signs: Readonly<Record<MachineState, readonly [sign: string, style: Style | null]>> = {
  'no answer': ['?', 'bad'],
  stopped: ['■', 'bad'],
  frozen: ['*', 'bad'],
  fault: ['✗', 'bad'],
  busy: ['▶', 'busy'],
  controlled: ['◆', 'careful'],
  free: ['·', 'good'],
  'no device': ['–', 'quiet'],
};

export const stateText = (state: MachineState) => `${signs[state][0]} ${state}`;

interface Column {
  readonly title: string;
  readonly cells: number;
  readonly side: 'left' | 'right';
  /** Left out in this order where there is no room; 0: always there. */
  readonly spared: number;
  readonly text: (machine: TownMachine, status: Status) => string;
  readonly style?: (machine: TownMachine) => Style | null;
}

/** Of a canister's id. */
const idCells = 27;
const nameCells = [12, 28] as const;
const columns: readonly Column[] = [
  { title: '', cells: 1, side: 'left', spared: 0, text: ({ operator }, { owner }) => (operator === owner ? '★' : ' ') },
  { title: 'machine', cells: nameCells[0], side: 'left', spared: 0, text: ({ name }) => harmless(name) },
  { title: 'kind', cells: 8, side: 'left', spared: 1, text: ({ kind }) => harmless(kind) },
  {
    title: 'state',
    cells: 12,
    side: 'left',
    spared: 0,
    text: ({ state }) => stateText(state),
    style: ({ state }) => signs[state][1],
  },
  {
    title: 'money',
    cells: 14,
    side: 'right',
    spared: 4,
    text: (machine) => (machine.state === 'no answer' ? '–' : cutMoney(machine)),
  },
  { title: 'wear', cells: 11, side: 'left', spared: 5, text: wearText, style: wearStyle },
  {
    title: 'report',
    cells: 7,
    side: 'right',
    spared: 3,
    text: ({ lastReportNs }, { nowNs }) => renderAgo(lastReportNs, nowNs),
  },
  { title: 'orders', cells: 6, side: 'right', spared: 2, text: ({ openOrders }) => String(openOrders) },
];

function cutMoney(machine: TownMachine): string {
  return renderMoney(machine.earned, { ...machine, symbol: harmless(machine.symbol).slice(0, 6) });
}

const barCells = 6;

function wearText({ wearPpm }: TownMachine): string {
  if (wearPpm === null) return 'unknown';
  const full = Math.round((wearPpm / 1_000_000) * barCells);
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${Math.round(wearPpm / 10_000)}%`;
}

function wearStyle({ verdict }: TownMachine): Style | null {
  return verdict === 'due' || verdict === 'fault' ? 'bad' : verdict === 'watch' ? 'careful' : null;
}

/** Everything when there is room; else what can be spared least. */
function fittingColumns(width: number, machines: readonly TownMachine[]): readonly Column[] {
  let kept = columns;
  const room = () => width - kept.reduce((sum, { cells }) => sum + cells + 1, -1);
  for (let next = 1; room() < 0 && next <= 5; next++) kept = kept.filter(({ spared }) => spared !== next);
  const longest = Math.max(nameCells[0], ...machines.map(({ name }) => cellsOf(harmless(name))));
  const cells = Math.max(4, Math.min(nameCells[1], longest, nameCells[0] + room()));
  return kept.map((column) => (column.title === 'machine' ? { ...column, cells } : column));
}

export function renderStatus(status: Status, look: Look): readonly string[] {
  const { paint, rows } = look;
  const width = look.columns;
  const head = [paint('strong', cut('Autonomous Machine Cloud', width)), ...networkLines(status, width), ''];
  const foot = ['', ...totalLines(status, look), ...waitingLines(status, look)];
  const machines = inOrder(status);
  const room = rows === null ? machines.length : Math.max(1, rows - head.length - foot.length - 2);
  const shown = machines.length > room ? machines.slice(0, Math.max(0, room - 1)) : machines;
  const hidden = machines.length - shown.length;
  const more = hidden === 0 ? [] : [paint('quiet', hiddenText(hidden, look))];
  return [...head, ...machineLines(status, shown, look), ...more, ...foot];
}

/** The list by itself, with the ids by which machines are named to other commands. */
export function renderMachineList(status: Status, { columns: width, paint }: Omit<Look, 'rows'>): readonly string[] {
  const machines = inOrder(status);
  const lines = machineLines(status, machines, { columns: width - idCells - 1, rows: null, paint });
  if (machines.length === 0) return lines;
  const ids = machines.map(({ id }) => principalToText(id));
  return lines.map((line, i) => `${fit(i === 0 ? '' : ids[i - 1]!, idCells)} ${line}`);
}

const byName = new Intl.Collator('en', { numeric: true });

/**
 * What needs somebody first, because a short terminal shows no more than the first lines; then the owner's, then by name: `washer 2`
 * before `washer 10`.
 */
function inOrder({ machines, owner }: Status): readonly TownMachine[] {
  const rank = ({ state, operator }: TownMachine) => (signs[state][1] === 'bad' ? 0 : 2) + (operator === owner ? 0 : 1);
  return machines.toSorted((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name));
}

function networkLines({ network, nowNs }: Status, width: number): readonly string[] {
  const clock = new Date(Number(nowNs / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ');
  const parts = [`${clock} UTC`, `replica ${network.url}`];
  if (network.mcp !== null) parts.push(`MCP ${network.mcp}`);
  if (network.page !== null) parts.push(`page ${network.page}`);
  return joined(parts, width);
}

/** As many of them on a line as fit. */
function joined(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && cellsOf(last) + 3 + cellsOf(part) <= width) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(cut(part, width));
  }
  return lines;
}

function machineLines(status: Status, shown: readonly TownMachine[], { columns: width, paint }: Look) {
  if (status.machines.length === 0) {
    return [cut('No machine has been born yet. Ask your assistant for one, or wait for the town.', width)];
  }
  const fitting = fittingColumns(width, status.machines);
  const title = fitting.map(({ title: text, cells, side }) => fit(text, cells, side)).join(' ');
  const lines = shown.map((machine) =>
    fitting
      .map(({ text, cells, side, style }) => paint(style?.(machine) ?? null, fit(text(machine, status), cells, side)))
      .join(' ')
      .trimEnd(),
  );
  return [paint('quiet', title.trimEnd()), ...lines];
}

function totalLines({ machines, owner }: Status, { columns: width, paint }: Look): readonly string[] {
  const states = new Map<MachineState, number>();
  const money = new Map<string, { amount: bigint; decimals: number; symbol: string }>();
  for (const { state, earned, symbol: given, decimals } of machines) {
    states.set(state, (states.get(state) ?? 0) + 1);
    const symbol = harmless(given);
    const key = `${symbol} ${decimals}`;
    if (symbol !== '') money.set(key, { amount: (money.get(key)?.amount ?? 0n) + earned, decimals, symbol });
  }
  const words = [...states].map(([state, count]) => `${count} ${state}`);
  const orders = machines.reduce((sum, { openOrders }) => sum + openOrders, 0);
  const sums = [...money.values()].map(({ amount, ...unit }) => renderMoney(amount, unit));
  const own = machines.filter(({ operator }) => operator === owner).length;
  const yours = own === 0 ? '' : ` (★ ${own} yours)`;
  const all = [
    `${counted(machines.length, 'machine')}${yours}: ${words.join(', ')}`,
    ...sums,
    counted(orders, 'open order'),
  ];
  return machines.length === 0 ? [] : joined(all, width).map((line) => paint('strong', line));
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Two are enough to know; `tamc approve` shows all of them whole. */
const waitingShown = 2;

/** A command that is cut would be about another network. */
function hiddenText(hidden: number, { columns: width, inTerminal = usual }: Look): string {
  const text = `  … and ${hidden} more`;
  const whole = `${text}: ${inTerminal('machine')}`;
  return cellsOf(whole) > width ? cut(text, width) : whole;
}

function waitingLines(
  { waiting, owner, nowNs }: Status,
  { columns: width, paint, inTerminal = usual }: Look,
): readonly string[] {
  if (owner === null)
    return wrap(`There is no owner here yet: run \`${inTerminal('owner')}\` in your terminal.`, width);
  if (waiting.length === 0) return [paint('quiet', cut('Nothing waits for your approval.', width))];
  const lines = waiting.slice(0, waitingShown).map((one) => cut(`  ${waitingText(one, nowNs)}`, width));
  const more = waiting.length > waitingShown ? [`  … and ${waiting.length - waitingShown} more`] : [];
  const head = wrap(`! ${counted(waiting.length, 'request')} for you to decide: ${inTerminal('approve')}`, width);
  return [...head.map((line) => paint('careful', line)), ...lines, ...more];
}

export function waitingText({ name, request, summary, expiresNs }: Waiting, nowNs: bigint): string {
  const left = expiresNs > nowNs ? `${renderDuration(expiresNs - nowNs)} left` : 'expired';
  return `${harmless(name)}, request ${request}: ${harmless(summary)} (${left})`;
}
