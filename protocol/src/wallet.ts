// The machine's money: what leaves it and why, what comes in, requests that wait for the operator, and the statement whose sum
// is the booked balance, always. A transfer is decided once; its outcome is found out however often it must be asked.
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { count, flag, int, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { mandateTerms } from './mandate.ts';
import { principal, timeNs } from './principal-codec.ts';
import { account, purse } from './purse.ts';
import { requestPayload } from './request.ts';

const hourNs = 3_600_000_000_000n;

export const walletLimits = {
  /** Ledgers of one machine: each takes its place in every list of balances. */
  ledgersMax: 8,
  decimalsMax: 24,
  symbolCharsMax: 16,
  /**
   * Payments without an outcome, on one ledger: one that hangs cannot fill the tables. Transfers of orders are bounded by the
   * open orders, so those can always be settled.
   */
  openPaymentsPerLedgerMax: 16,
  /** Settled transfers that stay readable; the statement and the event log remember longer. */
  transfersKept: 2_000,
  statementKept: 5_000,
  requestsKept: 500,
  openRequestsMax: 50,
  /** One delegate cannot bury what others ask. */
  openRequestsPerDelegateMax: 10,
  /** A registry gives one; an organisation might have several who look after a machine from the start. */
  mandatesOfBirthMax: 16,
  /** A week covers a holiday; prices have changed after it. */
  requestLifeNs: 7n * 24n * hourNs,
  /** Look-ups under way: strangers may announce receipts, and each costs the machine a call. */
  openReceiptsPerLedgerMax: 8,
  /** Look-ups that strangers can make the machine pay for in an hour: some 60 million cycles each. */
  receiptsPerHourMax: 60,
  /** Of those, for one stranger: a customer pays a few times an hour. */
  receiptsPerCallerMax: 10,
  /** Of all strangers while the machine is frozen: enough for somebody who sends it money to live on. */
  receiptsPerFrozenHourMax: 6,
  /** Who announces a block again is told what became of it, without a look, for so many receipts. */
  receiptsRemembered: 16,
  /**
   * While strangers have used that up, the machine looks itself at what came in, once in so long: on a quiet ledger some 60 million
   * cycles each time, with two whole pages 350.
   */
  watchPauseNs: 120n * 1_000_000_000n,
  /** A fee that a ledger tells is believed up to this multiple of the one the machine was born with. */
  feeRiseMax: 100n,
  /** Asked again for so long: within the window in which every ledger recognises a repeated transfer. */
  askAgainNs: 23n * hourNs,
  /** After this no ledger executes it any more: 24 h of the standard, the drift of two clocks, and rounding up. */
  ledgerWindowNs: 25n * hourNs,
  /** After a reject, or an answer that is none. */
  retryPauseNs: 60n * 1_000_000_000n,
  /** Blocks asked for at once while looking for a transfer: about 20 KiB, checked within one message. */
  searchBlocks: 50,
  /** Of such looks, of all transfers together: 3,000 blocks for some ten billion cycles. */
  searchesPerHourMax: 60,
  /** With more blocks to look through, some on the way are asked for their time first: so many as reach over any ledger. */
  probeAboveBlocks: 200n,
  probesMax: 30,
  /** By which the clocks of two subnets differ at most, several times over. */
  clockDriftNs: hourNs / 12n,
  /** Transfers that the operator declared unexecuted, and whose block may still show: the newest. */
  declaredKept: 64,
  /** Between two looks for a transfer that was not found yet. */
  searchPauseNs: hourNs,
  /** Statement entries, transfers or requests in one answer. */
  pageMax: 100,
} as const;

/** Why a transfer is made: its purpose for a payment, else which act of the machine it belongs to. */
export const transferCause = variant({
  payment: record({
    purpose: text,
    by: principal,
    commandId: text,
    mandate: optional(count),
    request: optional(count),
  }),
  /** Into escrow, pulled from the customer. */
  hold: record({ order: count, from: account }),
  capture: record({ order: count }),
  refund: record({ order: count }),
  fill: record({}),
  purchase: record({ topUp: count }),
});
export type TransferCause = ValueOf<typeof transferCause>;

export const transferOrder = record({
  transfer: count,
  ledger: principal,
  purse,
  to: account,
  amount: nat,
  fee: nat,
  /** Hexadecimal digits. */
  memo: text,
  createdNs: timeNs,
  /** Look for its block from here on, if it must be looked for. */
  searchFrom: nat,
  cause: transferCause,
});
export type TransferOrder = ValueOf<typeof transferOrder>;

export const ledgerInfo = record({ id: principal, symbol: text, decimals: count, fee: nat });
export type LedgerInfo = ValueOf<typeof ledgerInfo>;

const refused = { code: text, message: text };
const incoming = { ledger: principal, block: nat, purse, from: optional(account), amount: nat, memo: text };

/** A part of the registry's terms that was not taken over, told as a refusal. */
export const termLeft = record({ kind: text, ...refused, nextStep: text });

export const walletEvents = {
  /** The operator wants the machine to take over the terms that its registry has now. */
  MoneyTermsAsked: record({ taking: count }),
  MoneyTermsTaken: record({ taking: count, ledgers: list(principal), left: list(termLeft) }),
  MoneyTermsNotTold: record({ taking: count, reason: text }),
  LedgerAdmitted: record({ ledger: ledgerInfo, isHome: flag }),
  LedgerFeeChanged: record({ ledger: principal, fee: nat }),
  MandateGranted: record({ mandate: count, delegate: principal, terms: mandateTerms }),
  MandateRevoked: record({ mandate: count }),
  RequestOpened: record({ payload: requestPayload, commandId: text }),
  /** What came of it: a transfer, a mandate, or neither for a release. */
  RequestApproved: record({ request: count, transfer: optional(count), mandate: optional(count) }),
  RequestDeclined: record({ request: count }),
  TransferStarted: transferOrder,
  TransferPaid: record({ transfer: count, block: nat }),
  TransferRefused: record({ transfer: count, ...refused }),
  /** Its operator had declared it unexecuted, and a block shows that it was not. */
  TransferFound: record({ transfer: count, block: nat }),
  /** No outcome yet: asked again, or (with a cursor) its block is searched from there on, after a while. */
  TransferPutOff: record({ transfer: count, untilNs: timeNs, cursor: optional(nat) }),
  TransferTriedAgain: record({ transfer: count }),
  /** The ledger refused it and wants less for it; it is sent with that. */
  TransferFeeLowered: record({ transfer: count, fee: nat }),
  ReceiptAnnounced: record({ receipt: count, ledger: principal, block: nat }),
  ReceiptBooked: record({ receipt: count, ...incoming }),
  ReceiptRejected: record({ receipt: count, ...refused }),
  /** The machine looks itself at the newest blocks. */
  WatchAsked: record({ ledger: principal }),
  /** The newest blocks are looked at in the same look. */
  WatchMoved: record({ ledger: principal, next: nat }),
  /** Null: nothing was learned; else the first block that was not looked at. */
  WatchAnswered: record({ ledger: principal, next: optional(nat) }),
  /** Money that came in and that nobody had announced. */
  ReceiptFound: record(incoming),
  /** Paid the ledger's fee to let the machine pull its money. */
  PullAllowed: record({ customer: principal, ledger: principal, block: nat }),
};

const walletEvent = variant(walletEvents);
export type WalletEvent = ValueOf<typeof walletEvent>;

/** What a line of the statement is about. */
export const entryCause = variant({
  receipt: record({ from: optional(account), memo: text }),
  /** Money out by a transfer, fee included. */
  sent: record({ transfer: count, to: account, cause: transferCause, fee: nat }),
  /** The other end of a transfer between purses. */
  moved: record({ transfer: count, from: purse, cause: transferCause }),
  held: record({ order: count, from: account }),
});

export const statementEntry = record({
  atNs: timeNs,
  ledger: principal,
  purse,
  change: int,
  block: nat,
  cause: entryCause,
});
export type StatementEntry = ValueOf<typeof statementEntry>;

/** Unique per machine and act, so that the ledger's own deduplication recognises a repeated transfer. 32 bytes at most. */
export function memoOf(act: string, number: number): string {
  return bytesToHex(textToBytes(`tamc ${act} ${number}`));
}
