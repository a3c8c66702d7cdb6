// A machine on pure rules: before every message what time has brought, and a timer for when nobody calls, as its shell has it.
import type { Result } from '@tamc/base/result';
import { guardNo } from '@tamc/protocol/guard';
import { MachineInitType } from '@tamc/protocol/identity';
import { parseMandateTerms } from '@tamc/protocol/mandate';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { units } from '@tamc/protocol/use';
import { takeReports } from '../../canisters/machine/commands/batch.ts';
import { report } from '../../canisters/machine/commands/reports.ts';
import { command } from '../../canisters/machine/commands/rules.ts';
import { observeCycles, setCompute, topUp } from '../../canisters/machine/compute/rules.ts';
import { noticeLease } from '../../canisters/machine/control/end.ts';
import { confirmKey, enrol, issueEnrolment, revokeDevice, rotateKey } from '../../canisters/machine/devices/rules.ts';
import type { MachineEvent } from '../../canisters/machine/events.ts';
import { giveBirth } from '../../canisters/machine/identity/birth.ts';
import {
  acceptOperation,
  approveUpgrade,
  cancelUpgrade,
  offerOperation,
  prepareUpgrade,
} from '../../canisters/machine/identity/rules.ts';
import { type MachineRule, machineDefinition, nextWakeNs, notices } from '../../canisters/machine/machine.ts';
import type { MachineTables } from '../../canisters/machine/state.ts';
import { releaseStop, releaseStopOf, stop } from '../../canisters/machine/stop/rules.ts';
import { noteUpgrade } from '../../canisters/machine/upgrade.ts';
import { placeOrder } from '../../canisters/machine/use/orders.ts';
import { setTariff, withdrawTariff } from '../../canisters/machine/use/tariff.ts';
import { orderRefusal, orderToCandid } from '../../canisters/machine/use/view.ts';
import { approveRequest } from '../../canisters/machine/wallet/approve.ts';
import { ask } from '../../canisters/machine/wallet/ask.ts';
import { grantMandate, revokeMandate } from '../../canisters/machine/wallet/grant.ts';
import { pay } from '../../canisters/machine/wallet/pay.ts';
import { announceReceipt } from '../../canisters/machine/wallet/receipts.ts';
import { declineRequest } from '../../canisters/machine/wallet/requests.ts';
import {
  announceRefusal,
  mandateToCandid,
  payRefusal,
  payReply,
  requestToCandid,
  subjectNumber,
} from '../../canisters/machine/wallet/view.ts';
import type { Methods } from '../../stack/src/candid/parse-did.ts';
import { createTwin, type Given, type ShellTwin, type TwinRules } from './shell-twin.ts';

type Shell = ShellTwin<MachineTables, MachineEvent>;

const secondNs = 1_000_000_000n;

/** The message of a rule that is given a command: with what time has brought before it and the timer behind it. */
function createMessages(shell: Shell) {
  const { tables, perform, nowNs, balance } = shell;
  let armed: { readonly atNs: bigint; readonly id: bigint } | null = null;

  function notice(): void {
    perform(observeCycles, balance());
    for (const rule of notices) perform(rule, null);
  }

  function clear(): void {
    if (armed !== null) shell.timers().clear(armed.id);
    armed = null;
  }

  function wake(): void {
    const nextNs = nextWakeNs(tables, nowNs());
    if (armed !== null && nextNs !== null && armed.atNs <= nextNs && armed.atNs > nowNs()) return;
    clear();
    if (nextNs !== null) armIn(nextNs > nowNs() ? (nextNs - nowNs() + secondNs - 1n) / secondNs : 1n);
  }

  function armIn(seconds: bigint): void {
    const atNs = nowNs() + seconds * secondNs;
    if (armed !== null && armed.atNs <= atNs && armed.atNs > nowNs()) return;
    clear();
    armed = { atNs, id: shell.timers().setInterval(ring) };
  }

  function ring(): void {
    perform(noticeLease, null);
    shell.timers().set(() => {
      notice();
      wake();
    });
  }

  return {
    armIn,
    ring,
    wake,
    /** After an upgrade no timer is left. */
    forget: () => {
      armed = null;
    },
    update: <C, R>(rule: MachineRule<C, R>, given: C): Result<R, Refusal> => {
      notice();
      const result = perform(rule, given);
      wake();
      return result;
    },
    /** After a first one in the same message. */
    further: <C, R>(rule: MachineRule<C, R>, given: C): Result<R, Refusal> => {
      const result = perform(rule, given);
      wake();
      return result;
    },
    once: <C>(id: string, rule: MachineRule<C, string>, given: C): Result<string, Refusal> => {
      notice();
      const result = shell.once(id, rule, given);
      wake();
      return result;
    },
  };
}

/** A repetition may find that what it was about is no longer kept, which is then said. */
function ifKept(subject: Result<string, Refusal>, shown: (subject: string) => unknown): Result<string, Refusal> {
  if (!subject.ok || shown(subject.value) !== null) return subject;
  return { ok: false, error: guardNo('NoLongerKept', { subject: subject.value }) };
}

/** What was begun may have been refused by another canister already: then the answer is that refusal. */
function unlessRefused(subject: Result<string, Refusal>, refusalOf: (subject: string) => Refusal | null) {
  const refusal = subject.ok ? refusalOf(subject.value) : null;
  return refusal === null ? subject : { ok: false as const, error: refusal };
}

const askedToWanted = (act: Given) =>
  'release_stop' in act
    ? ({ kind: 'releaseStop' } as const)
    : ({ kind: 'grantMandate', ...grantOf(act.grant_mandate) } as const);

const grantOf = ({ delegate, terms }: Given) => ({
  delegate: principalToHex(delegate),
  terms: parseMandateTerms(terms),
});

const rulesOf =
  (self: PrincipalHex) =>
  (shell: Shell): TwinRules => {
    const { tables, perform, balance, nowNs } = shell;
    const { update, further, once, armIn, ring, wake, forget } = createMessages(shell);
    return {
      begin: (given) => {
        perform(giveBirth, given);
        shell.timers().setInterval(ring);
      },
      goOn: (resume) => {
        forget();
        perform(noteUpgrade, null);
        resume();
        shell.timers().setInterval(ring);
        wake();
      },
      onOutcome: () => armIn(1n),
      methods: {
        grant_mandate: (given) => {
          const granted = once(given.command_id, grantMandate, grantOf(given));
          return ifKept(granted, (subject) => mandateToCandid(tables, subjectNumber(subject), nowNs()));
        },
        revoke_mandate: (given) => update(revokeMandate, given),
        pay: ({ command_id, ledger, ...rest }) => {
          const given = { commandId: command_id, ledger: principalToHex(ledger), ...rest };
          const paid = ifKept(once(command_id, pay, given), (subject) => payReply(tables, subject, nowNs()));
          return unlessRefused(paid, (subject) => payRefusal(tables, subject));
        },
        approve: ({ request, payload_hash }) => {
          const approved = update(approveRequest, { request, hash: Uint8Array.from(payload_hash) });
          return unlessRefused(approved, (subject) => payRefusal(tables, subject));
        },
        ask: ({ command_id, act, reason }) => {
          const asked = once(command_id, ask, { commandId: command_id, act: askedToWanted(act), reason });
          return ifKept(asked, (subject) => requestToCandid(tables, subjectNumber(subject), nowNs()));
        },
        decline: (given) => update(declineRequest, given),
        announce_receipt: ({ ledger, block }) => {
          const announced = update(announceReceipt, { ledger: principalToHex(ledger), block });
          return unlessRefused(announced, (subject) => announceRefusal(tables, subject));
        },
        set_tariff: (given) =>
          update(setTariff, {
            ledger: principalToHex(given.ledger),
            unit: units.find((word) => word in given.unit)!,
            price: given.price,
            quantityMax: given.quantity_max,
            deadlineNs: given.deadline_ns,
            ordersAtOnce: given.orders_at_once,
          }),
        withdraw_tariff: () => update(withdrawTariff, null),
        order: ({ command_id, ...rest }) => {
          const ordered = once(command_id, placeOrder, { commandId: command_id, ...rest });
          const kept = ifKept(ordered, (subject) => orderToCandid(tables, subjectNumber(subject)));
          return unlessRefused(kept, (subject) => orderRefusal(tables, subjectNumber(subject), self));
        },
        set_compute: (given) => {
          const terms = {
            target: given.target,
            lowCycles: given.low_cycles,
            floorCycles: given.floor_cycles,
            topUpAmount: given.top_up_amount,
          };
          const result = update(setCompute, terms);
          update(observeCycles, balance());
          return result;
        },
        top_up: () => update(topUp, balance()),
        stop: ({ reason }) => {
          const result = perform(stop, reason);
          armIn(1n);
          return result;
        },
        release_stop: () => update(releaseStop, undefined),
        release_stop_of: ({ since_ns }) => update(releaseStopOf, since_ns),
        issue_enrolment: ({ code_hash, label, expires_ns }) =>
          update(issueEnrolment, { codeHash: code_hash, label, expiresNs: expires_ns }),
        enrol: ({ code }) => update(enrol, code),
        rotate_key: ({ next }) => update(rotateKey, principalToHex(next)),
        confirm_key: () => update(confirmKey, undefined),
        revoke_device: (given) => update(revokeDevice, given),
        command: ({ command_id, expires_ns, device, ...wanted }) =>
          once(command_id, command, { ...wanted, device: device[0] ?? null, expiresNs: expires_ns }),
        report: (reports) => {
          let isFirst = true;
          const taken = takeReports(reports, (given) => {
            const result = isFirst ? update(report, given) : further(report, given);
            isFirst = false;
            return result;
          });
          return codeToResult(taken);
        },
        offer_operation: ({ to: [to] }) => update(offerOperation, to === undefined ? null : principalToHex(to)),
        accept_operation: () => update(acceptOperation, undefined),
        approve_upgrade: ({ hash }) => update(approveUpgrade, hash),
        cancel_upgrade: () => update(cancelUpgrade, undefined),
        prepare_upgrade: ([wanted]) => update(prepareUpgrade, wanted?.hash ?? null),
      },
    };
  };

function codeToResult(taken: ReturnType<typeof takeReports>): Result<null, Refusal> {
  const refusal = 'Ok' in taken ? taken.Ok.refused?.[0]?.refusal : taken.Err;
  return refusal === undefined ? { ok: true, value: null } : { ok: false, error: refusal as unknown as Refusal };
}

export function createMachineTwin(self: PrincipalHex, methods: Methods) {
  const parts = { self, definition: machineDefinition, interface: methods, initTypes: [MachineInitType] };
  const twin = createTwin({ ...parts, rules: rulesOf(self) });
  return { twin, layout: machineDefinition.tables.layout, interface: methods };
}
