// One machine in depth as lines of a terminal, and as JSON. Pure. What strangers wrote is made harmless, and no line is wider than
// the terminal.
import { type BalanceReply, type ConditionReply, type MandateReply, type OrderReply, wordOf } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { valueToJson } from '../candid/argument-values.ts';
import { cut, harmless, wrap } from './cells.ts';
import { type MoneyUnit, renderMoney } from './money.ts';
import type { Paint } from './paint.ts';
import type { MachineFacts } from './read-machine.ts';
import { stateText, waitingText } from './status.ts';
import { waitingToJson } from './status-json.ts';
import { renderAgo, renderDuration, renderTime } from './times.ts';

export interface MachineLook {
  readonly columns: number;
  readonly paint: Paint;
  readonly nowNs: bigint;
  readonly owner: PrincipalHex | null;
}

type Section = readonly [title: string, items: readonly string[]];

export function renderMachine(facts: MachineFacts, look: MachineLook): readonly string[] {
  const { summary, identity } = facts;
  const own = summary.operator === look.owner ? '★ ' : '';
  const title = `${own}${harmless(summary.name)}: ${harmless(identity.kind)} by ${harmless(identity.make)}`;
  const sections: readonly Section[] = [
    ['Identity', identityItems(facts, look)],
    ['Condition', facts.condition.map((part) => conditionText(part, look))],
    [
      'Devices',
      facts.view.devices.map(({ device, label, last_report_ns: [last] }) => {
        return `${device}  ${harmless(label)}, last report ${agoText(last ?? null, look.nowNs)}`;
      }),
    ],
    ['Tariff', tariffItems(facts)],
    ['Balances', facts.balances.map(balanceText)],
    ['Compute', [computeText(facts)]],
    ['Mandates', facts.mandates.flatMap((mandate) => mandateItems(mandate, facts, look))],
    ['Orders', facts.orders.map((order) => orderText(order, facts))],
    ['Requests', facts.waiting.map((one) => waitingText(one, look.nowNs))],
  ];
  return [
    look.paint('strong', cut(title, look.columns)),
    ...sections.flatMap((section) => renderSection(section, look)),
  ];
}

function renderSection([title, items]: Section, { columns, paint }: MachineLook): readonly string[] {
  const shown = items.length === 0 ? [paint('quiet', '  none')] : items.flatMap((item) => indented(item, columns));
  return ['', paint('strong', title), ...shown];
}

/** What does not fit goes on under itself. */
function indented(text: string, columns: number): readonly string[] {
  const depth = text.length - text.trimStart().length;
  const lines = wrap(text.trimStart(), Math.max(10, columns - 4 - depth));
  return lines.map((line, i) => `${' '.repeat(depth + (i === 0 ? 2 : 4))}${line}`);
}

function identityItems({ summary, identity, view }: MachineFacts, { nowNs, owner }: MachineLook): readonly string[] {
  const [stop] = view.stopped;
  const [lease] = view.lease;
  const operator = `operator ${principalToText(summary.operator)}${summary.operator === owner ? ' (you)' : ''}`;
  return [
    `id ${principalToText(summary.id)}`,
    `state ${stateText(summary.state)}`,
    ...(stop === undefined
      ? []
      : [`stopped ${agoText(stop.since_ns, nowNs)} by ${stop.by.toText()}: "${harmless(stop.reason)}"`]),
    ...(lease === undefined ? [] : [`controlled by ${lease.holder.toText()} until ${renderTime(lease.ends_ns)}`]),
    operator,
    `place ${harmless(identity.place)}, born ${renderTime(identity.born_ns)}, version ${harmless(identity.version)}`,
    `charter "${harmless(identity.charter)}"`,
    `actions ${identity.actions.map(harmless).join(', ') || 'none of its own'}`,
  ];
}

function agoText(atNs: bigint | null, nowNs: bigint): string {
  const ago = renderAgo(atNs, nowNs);
  return ago === 'never' || ago === 'now' ? ago : `${ago} ago`;
}

function conditionText({ part, verdict, wear_ppm, fault, confidence_ppm, at_ns }: ConditionReply, look: MachineLook) {
  const wear = wear_ppm.map((ppm) => `, wear ${percent(ppm)}`)[0] ?? '';
  const why = fault.map((text) => `: ${harmless(text)}`)[0] ?? '';
  const sure = `${percent(confidence_ppm)} sure`;
  return `${harmless(part)} ${wordOf(verdict)}${why}${wear} (${sure}, ${agoText(at_ns, look.nowNs)})`;
}

const percent = (ppm: number) => `${Math.round(ppm / 10_000)} %`;

function unitOf({ balances }: MachineFacts, ledger: { toText(): string }): MoneyUnit {
  const known = balances.find((balance) => balance.ledger.toText() === ledger.toText());
  return known === undefined ? { symbol: ledger.toText(), decimals: 0 } : { ...known, symbol: harmless(known.symbol) };
}

function tariffItems(facts: MachineFacts): readonly string[] {
  const { tariff } = facts;
  if (tariff === null) return [];
  const price = renderMoney(tariff.price, unitOf(facts, tariff.ledger));
  const hours = renderDuration(tariff.deadline_ns);
  return [`${price} per ${wordOf(tariff.unit)}, at most ${tariff.quantity_max} at once, done within ${hours}`];
}

function balanceText({ purse, booked, available, ...unit }: BalanceReply): string {
  const shown = { ...unit, symbol: harmless(unit.symbol) };
  const free = available === booked ? '' : `, of which ${renderMoney(available, shown)} free`;
  return `${wordOf(purse)} ${renderMoney(booked, shown)}${free}`;
}

const trillion = 1_000_000_000_000;

function computeText({ compute }: MachineFacts): string {
  const trillions = (Number(compute.cycles) / trillion).toFixed(2);
  const state = compute.is_frozen ? ', frozen' : compute.is_low ? ', low' : '';
  return `${trillions} trillion cycles${state}; bought from: ${wordOf(compute.source).replaceAll('_', ' ')}`;
}

/** Who and how much first; what belongs to it stands under it. */
function mandateItems(mandate: MandateReply, facts: MachineFacts, { nowNs }: MachineLook): readonly string[] {
  const { terms, spent, payments, is_live } = mandate;
  const money = (amount: bigint) => renderMoney(amount, unitOf(facts, terms.ledger));
  const budget = `${money(spent)} spent of ${money(terms.budget.amount)} in ${renderDuration(terms.budget.period_ns)}`;
  const until = terms.expires_ns > nowNs ? `until ${renderTime(terms.expires_ns)}` : 'expired';
  return [
    `${mandate.mandate}  ${harmless(terms.label)}${is_live ? '' : ', not in force'}: ${budget}`,
    `   for ${mandate.delegate.toText()}`,
    `   asks above ${money(terms.ask_above)}; ${payments} of ${terms.agent_recurrence} payments; ${until}`,
    `   may ${terms.powers.map(harmless).join(', ') || 'only pay'}`,
  ];
}

function orderText(order: OrderReply, facts: MachineFacts): string {
  const money = (amount: bigint) => renderMoney(amount, unitOf(facts, order.ledger));
  const used = order.used[0] === undefined ? '' : `, used ${order.used[0]}`;
  const reason = order.refund_reason.map((text) => ` because ${harmless(text)}`)[0] ?? '';
  const sums = `held ${money(order.hold)}, paid ${money(order.captured)}, refunded ${money(order.refunded)}${reason}`;
  return `${order.order}  ${wordOf(order.status)}: ${order.quantity} ${wordOf(order.unit)}${used}; ${sums}`;
}

export function machineToJson({ summary, waiting, ...replies }: MachineFacts): object {
  return {
    id: principalToText(summary.id),
    name: summary.name,
    state: summary.state,
    ...Object.fromEntries(Object.entries(replies).map(([name, reply]) => [name, valueToJson(reply)])),
    requests: waiting.map(waitingToJson),
  };
}
