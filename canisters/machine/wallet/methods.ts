// The wallet over Candid.
import { refuse } from '@tamc/base/result';
import type { CandidAccount } from '@tamc/protocol/account';
import { type CandidGrant, type CandidMandateTerms, parseMandateTerms } from '@tamc/protocol/mandate';
import { MoneyTermsTakenType } from '@tamc/protocol/money-terms';
import { principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import {
  AnnounceArgsType,
  AnnounceReplyType,
  ApproveArgsType,
  AskArgsType,
  BalanceType,
  DeclareArgsType,
  DeclineArgsType,
  GrantArgsType,
  MandateType,
  PayArgsType,
  PayReplyType,
  RequestType,
  RevokeArgsType,
  StatementType,
  TransferType,
} from '@tamc/protocol/wallet-candid';
import { entriesFor, refuseLongForCanisters } from '@tamc/shared/azle/replicated';
import { canisterSelf, IDL, type Principal, query, time, update } from 'azle';
import { optionOf } from '../candid.ts';
import type { MachineRule } from '../machine.ts';
import { requireOperator } from '../powers.ts';
import * as shell from '../shell/methods.ts';
import { approveRequest } from './approve.ts';
import { ask, askerFault, type WantedAct } from './ask.ts';
import { declareUnexecuted } from './declare.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';
import { declineRequest } from './requests.ts';
import { settledUnlessRefused, withRefusal } from './settled.ts';
import { takeMoneyTerms } from './take-terms.ts';
import { termsRefusal, termsReply } from './terms-view.ts';
import * as view from './view.ts';

interface CandidPay {
  command_id: string;
  ledger: Principal;
  to: CandidAccount;
  amount: bigint;
  purpose: string;
}

interface CandidAsk {
  command_id: string;
  act: { grant_mandate: CandidGrant } | { release_stop: null };
  reason: string;
}

/** The role first: who may not do it has nothing parsed at the machine's cost. */
const grantGiven: MachineRule<CandidGrant, string> = (tables, context, { delegate, terms }) => {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  return grantMandate(tables, context, { delegate: principalToHex(delegate), terms: parseMandateTerms(terms) });
};

const askGiven: MachineRule<CandidAsk, string> = (tables, context, { command_id: commandId, act, reason }) => {
  const denied = askerFault(tables, context, 'release_stop' in act ? 'releaseStop' : 'grantMandate');
  return denied === null ? ask(tables, context, { commandId, act: candidToWanted(act), reason }) : refuse(denied);
};

function candidToWanted(act: CandidAsk['act']): WantedAct {
  if ('release_stop' in act) return { kind: 'releaseStop' };
  const { delegate, terms } = act.grant_mandate;
  return { kind: 'grantMandate', delegate: principalToHex(delegate), terms: parseMandateTerms(terms) };
}

const PageType = [IDL.Nat32, IDL.Nat32];

export class WalletMethods {
  @update([GrantArgsType], AnswerType(MandateType))
  grant_mandate(given: { command_id: string; delegate: Principal; terms: CandidMandateTerms }) {
    return shell.command(given.command_id, grantGiven, given, (tables, subject) => {
      return view.mandateToCandid(tables, view.subjectNumber(subject), time());
    });
  }

  @update([RevokeArgsType], AnswerType(IDL.Null))
  revoke_mandate(given: { mandate: number }) {
    return shell.update(revokeMandate, given, () => null);
  }

  /** By number, to be read one by one where many large ones would take more than one query may. */
  @query([], IDL.Vec(IDL.Nat32))
  mandate_numbers() {
    return shell.tables.mandateIndex.get().live;
  }

  @query([IDL.Nat32], IDL.Opt(MandateType))
  mandate(number: number) {
    return optionOf(view.mandateToCandid(shell.tables, number, time()));
  }

  @query([], IDL.Vec(MandateType))
  mandates() {
    const { live } = shell.tables.mandateIndex.get();
    refuseLongForCanisters(view.partsOfMandates(shell.tables), 'ask for one by its number');
    return live.flatMap((number) => view.mandateToCandid(shell.tables, number, time()) ?? []);
  }

  @update([PayArgsType], AnswerType(PayReplyType))
  async pay({ command_id, ledger, ...rest }: CandidPay) {
    const command = { commandId: command_id, ledger: principalToHex(ledger), ...rest };
    const answer = await shell.commandSettled(command_id, pay, command, (tables, subject) =>
      withRefusal(view.payReply(tables, subject, time()), view.payRefusal(tables, subject)),
    );
    return settledUnlessRefused(answer);
  }

  @update([ApproveArgsType], AnswerType(PayReplyType))
  async approve({ request, payload_hash }: { request: number; payload_hash: Uint8Array }) {
    const command = { request, hash: Uint8Array.from(payload_hash) };
    const answer = await shell.settled(approveRequest, command, (tables, subject) => ({
      reply: view.payReply(tables, subject, time()),
      refusal: view.payRefusal(tables, subject),
    }));
    return settledUnlessRefused(answer);
  }

  @update([AskArgsType], AnswerType(RequestType))
  ask(given: CandidAsk) {
    return shell.command(given.command_id, askGiven, given, (tables, subject) => {
      return view.requestToCandid(tables, view.subjectNumber(subject), time());
    });
  }

  @update([DeclineArgsType], AnswerType(IDL.Null))
  decline(given: { request: number }) {
    return shell.update(declineRequest, given, () => null);
  }

  @query([IDL.Nat32], IDL.Opt(RequestType))
  request(number: number) {
    return optionOf(view.requestToCandid(shell.tables, number, time()));
  }

  /** Those that wait for the operator, by number: ten of the largest would take more than one query may, one never does. */
  @query([], IDL.Vec(IDL.Nat32))
  requests() {
    const open = shell.tables.openRequests.get().filter(({ expiresNs }) => time() < expiresNs);
    return open.map(({ request }) => request);
  }

  @query([IDL.Nat32], IDL.Opt(TransferType))
  transfer(number: number) {
    return optionOf(view.transferToCandid(shell.tables, number));
  }

  @query(PageType, IDL.Vec(TransferType))
  transfers(from: number, limit: number) {
    const { transfers } = shell.tables;
    return view
      .pageOf(transfers, from, entriesFor(limit))
      .flatMap((number) => view.transferToCandid(shell.tables, number) ?? []);
  }

  @update([AnnounceArgsType], AnswerType(AnnounceReplyType))
  async announce_receipt({ ledger, block }: { ledger: Principal; block: bigint }) {
    const command = { ledger: principalToHex(ledger), block };
    const answer = await shell.settled(announceReceipt, command, (tables, subject) => ({
      reply: view.announceReply(tables, subject),
      refusal: view.announceRefusal(tables, subject),
    }));
    return settledUnlessRefused(answer);
  }

  @update([DeclareArgsType], AnswerType(TransferType))
  declare_unexecuted(given: { transfer: number }) {
    return shell.update(declareUnexecuted, given, (tables, subject) => {
      return view.transferToCandid(tables, view.subjectNumber(subject));
    });
  }

  /** By the operator: the ledgers and the seller of cycles that its registry has now, as at a birth. */
  @update([], AnswerType(MoneyTermsTakenType))
  async take_money_terms() {
    const answer = await shell.settled(takeMoneyTerms, undefined, (tables, subject) => ({
      reply: termsReply(tables),
      refusal: termsRefusal(tables, subject),
    }));
    return settledUnlessRefused(answer);
  }

  @query(PageType, StatementType)
  statement(from: number, limit: number) {
    return view.statementToCandid(shell.tables, from, entriesFor(limit));
  }

  @query([], IDL.Vec(BalanceType))
  balances() {
    return view.balancesToCandid(shell.tables, principalToHex(canisterSelf()));
  }
}
