// How the wallet says no. Checked from what the caller can see at once (input) to what only the books know (funds), so that
// the first refusal is the most useful one.
import { defineRefusals } from './refusal.ts';

export const walletRefusals = defineRefusals({
  LedgerUnknown: {
    kind: 'input',
    message: 'this machine has no account on ledger {ledger}',
    nextStep:
      'use one of: {ledgers}; or let the operator {operator} have the machine take over what its registry has added',
  },
  LedgersFull: {
    kind: 'limit',
    message: 'the ledger {ledger} was not taken: the machine has an account on {max} ledgers, and no more',
    nextStep: 'bring another machine to life for it, or let this one be paid on one of: {ledgers}',
  },
  TermsNotTold: {
    kind: 'elsewhere',
    message: 'nothing was taken over from the registry {registry}: {reason}',
    nextStep: 'try again in a minute; if it lasts, ask who governs the registry',
  },
  AmountInvalid: {
    kind: 'input',
    message: 'the amount must be between 1 and {max}',
    nextStep: 'correct the amount; it counts in minor units',
  },
  PayeeInvalid: {
    kind: 'input',
    message: 'the account cannot be paid: {reason}',
    nextStep: 'correct the account; it belongs to somebody, and a subaccount has 32 bytes',
  },
  PayeeIsSelf: {
    kind: 'input',
    message: 'a machine does not pay itself',
    nextStep: 'name the account of somebody else',
  },
  PurposeInvalid: {
    kind: 'input',
    message: 'the purpose must be one line of 1 to {max} printable characters',
    nextStep: 'say shortly what the payment is for',
  },
  TermsInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and send the mandate again',
  },
  DelegateInvalid: {
    kind: 'input',
    message: 'the delegate cannot be {who}',
    nextStep: 'name the identity that shall act for this machine',
  },
  MandatesFull: {
    kind: 'limit',
    message: '{max} mandates are in force',
    nextStep: 'revoke one that is not needed',
  },
  MandateUnknown: {
    kind: 'input',
    message: 'there is no mandate {mandate} in force',
    nextStep: 'look at mandates()',
  },
  NoMandate: {
    kind: 'caller',
    message: 'the caller has no mandate on ledger {ledger}',
    nextStep: 'ask the operator {operator} to grant one',
  },
  MandateNotYet: {
    kind: 'state',
    message: 'mandate {mandate} begins at {notBeforeNs}',
    nextStep: 'wait until then, or ask the operator {operator}',
  },
  MandateExpired: {
    kind: 'state',
    message: 'mandate {mandate} expired at {expiresNs}',
    nextStep: 'ask the operator {operator} to grant it again',
  },
  AmountBelowRange: {
    kind: 'input',
    message: 'mandate {mandate} is for amounts from {min} on',
    nextStep: 'pay several small things at once, or ask the operator {operator}',
  },
  ClockWentBack: {
    kind: 'state',
    message: 'the time of the network is before the newest payment under mandate {mandate}',
    nextStep: 'wait until the clock has caught up',
  },
  FundsMissing: {
    kind: 'funds',
    message: '{available} of {needed} are there; what is pending or reserved does not count',
    nextStep: 'pay less, or send money to the machine and announce its block with announce_receipt',
  },
  TransfersFull: {
    kind: 'limit',
    message: '{max} transfers on this ledger have no outcome yet',
    nextStep: 'wait until the ledger answers',
  },
  RequestsFull: {
    kind: 'limit',
    message: '{max} requests wait for the operator already',
    nextStep: 'let the operator {operator} decide some, or wait until they expire',
  },
  RequestUnknown: {
    kind: 'input',
    message: 'there is no request {request}',
    nextStep: 'look at requests()',
  },
  RequestDecided: {
    kind: 'state',
    message: 'request {request} was {decision} already',
    nextStep: 'nothing is left to do',
  },
  RequestExpired: {
    kind: 'state',
    message: 'request {request} expired at {expiresNs}',
    nextStep: 'let the delegate ask again',
  },
  PayloadDiffers: {
    kind: 'approval',
    message: 'the approved hash is not that of request {request}',
    nextStep: 'read request({request}) again and approve the hash that it shows',
  },
  RequestOutdated: {
    kind: 'state',
    message: '{what} is no longer what request {request} shows',
    nextStep: 'decline it and let the delegate ask again',
  },
  NotDelegate: {
    kind: 'caller',
    message: 'only a delegate with a mandate in force may ask for something',
    nextStep: 'let the operator {operator} grant a mandate first',
  },
  OperatorNeedNotAsk: {
    kind: 'caller',
    message: 'the operator of a machine asks nobody',
    nextStep: 'call {method} itself',
  },
  ReasonInvalid: {
    kind: 'input',
    message: 'the reason must be one line of 1 to {max} printable characters',
    nextStep: 'say shortly why it is needed',
  },
  NotStopped: {
    kind: 'state',
    message: 'the machine is not stopped',
    nextStep: 'nothing is left to be released',
  },
  LedgerRefused: {
    kind: 'elsewhere',
    message: 'the ledger refused transfer {transfer}: {code}, {reason}',
    nextStep: 'nothing was paid and the money is free again; correct the cause and pay under a new command_id',
  },
  BlockInvalid: {
    kind: 'input',
    message: 'a block is a number below 2^64',
    nextStep: 'give the block that the ledger told the payer',
  },
  ReceiptRejected: {
    kind: 'elsewhere',
    message: 'block {block} is not booked: {code}, {reason}',
    nextStep: 'announce a block that holds a transfer to an account of this machine',
  },
  TransferNotOpen: {
    kind: 'state',
    message: 'transfer {transfer} is not one whose outcome is unknown',
    nextStep: 'look at the transfers of the machine and their status',
  },
  TransferMayHappen: {
    kind: 'state',
    message: 'a ledger may still execute transfer {transfer}: its window closes in {hours} hours',
    nextStep: 'wait until then; the machine goes on asking by itself',
  },
  TransferOfOthers: {
    kind: 'state',
    message: 'transfer {transfer} moves money of customers, for which the word of the operator is not enough',
    nextStep: 'announce the block of the ledger that holds it; without one it stays set aside',
  },
  ReceiptsFull: {
    kind: 'limit',
    message: '{max} receipts are being looked up already, or were within the hour',
    nextStep:
      'look at the statement in some minutes: the machine now looks itself at what comes in; else try again later',
  },
});
