// What canisters refuse, in the words of an assistant: a canister names its own methods and counts in minor units, an assistant has
// tools. Only codes that a tool can meet and whose own words would lead nowhere stand here.
import type { Problem } from './tool.ts';

const tool = (nextStep: string) => ({ nextStep });

const words: Readonly<Record<string, Partial<Problem>>> = {
  ActionUnknown: {
    message: 'this machine has no such action',
    nextStep: 'Choose start, safe, stop or one of those that `machine` shows.',
  },
  AmountInvalid: {
    message: 'the amount must be more than nothing, and no more than a ledger can count',
    nextStep: 'Correct the amount.',
  },
  BirthsNotAllowed: tool('Ask the person who keeps this network for more births, or bring fewer to life.'),
  CodeExpiryInvalid: { message: 'a code lives for 1 hour to 30 days', nextStep: 'Choose other `hours`.' },
  CommandExpiryInvalid: { message: 'a command lives for a minute to a week', nextStep: 'Choose other `minutes`.' },
  CyclesEnough: tool('Nothing is to be done: the machine buys when it runs low.'),
  DeviceUnknown: tool('`machine` shows the numbers of its devices.'),
  FundsMissing: {
    message: 'there is not enough money for the amount and its fee; what is pending or held does not count',
    nextStep: 'Pay less, or have money sent to the machine; `machine` shows what is available.',
  },
  LeaseOccupied: tool('Ask the holder to hand it over, or wait until it ends: `machine` shows when.'),
  MachineUnknown: tool('Take the id from `machines`.'),
  MandateUnknown: tool('It is not in force any more: nothing is left to be revoked.'),
  MayNotBear: tool('Ask the person who keeps this network to allow births.'),
  NoCode: tool('The person has to deploy the code of machines first.'),
  NoDevice: tool('Enrol one with `enrol_device`.'),
  NoTariff: tool('Nobody can order from it now.'),
  NotHolder: tool('Take it first: `control` with take.'),
  NotOfferedToCaller: tool('Ask the holder to hand it over to you.'),
  OrdersUnpaid: tool(
    'Have the money on your own account (`network` says who you are), then order again within the hour.',
  ),
  NothingWanted: tool('Tell its operator: only they decide what a purchase spends.'),
  PurchasesEnded: tool('Tell its operator: only they let it buy again, once the reason is mended.'),
  PullRefused: tool(
    'Have the money on your own account (`network` says who you are), then order under a new command_id.',
  ),
  StopChanged: tool('Look at `machine`, and decide about the stop that is there now.'),
  TariffChanged: tool('Read `machine` again, and order under the number that it shows if the price is still right.'),
  TimeoutInvalid: { message: 'the machine waits no such time for a sign of life', nextStep: 'Choose other `seconds`.' },
  TopUpUnderWay: tool('Wait for its outcome: call again in a minute.'),
  UpgradeFailedBefore: tool('Let its operator find out why; others may ask again in an hour.'),
  UpgradeNotApproved: tool('Ask its operator to approve this code first.'),
  UpgradeNotDecided: tool('Ask its operator to approve this code first.'),
  UpgradeRunning: tool('Wait for it: `job` tells how far it is.'),
};

/** Inside of sentences that say more: who it is that may. */
const phrases: readonly (readonly [string, string])[] = [
  ['releases it with release_stop, when it is safe', 'releases it when it is safe; `stop` with release asks for that'],
];

/** The order of births of one call: its one kind of birth is the call's own arguments. */
const birthField = /births\[\d+\]\.(\w+)/g;

export function toToolWords({ code, message, nextStep }: Problem): Problem {
  const own = Object.hasOwn(words, code) ? words[code] : {};
  const plain = (text: string) =>
    phrases.reduce((said, [theirs, ours]) => said.replace(theirs, ours), text).replace(birthField, '`$1`');
  return { code, message: plain(message), nextStep: plain(nextStep), ...own };
}
