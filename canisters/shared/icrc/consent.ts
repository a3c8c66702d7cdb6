// What a person is shown before signing a call (ICRC-21): the same facts as Markdown, or as fields for a small display. It rests on
// the argument and on what is fixed about the token, never on balances: what is signed may be sent much later.
import { bytesToHex, parseText } from '@tamc/base/bytes';
import type { Result } from '@tamc/base/result';
import { accountToText } from '@tamc/protocol/account-text';
import type { IcrcError } from '@tamc/protocol/icrc-types';
import type { CandidConsentRequest, CandidConsentResponse, ConsentFieldValue } from '@tamc/protocol/icrc21-types';
import type { TokenSettings } from '@tamc/protocol/ledger';
import { type GivenAccount, givenToAccount, isDefault } from './account.ts';
import { operationOf } from './draft.ts';
import { argumentBytesMax, parseApprove, parseTransfer, parseTransferFrom } from './parse.ts';
import type { Approve, Transaction, Transfer } from './transaction.ts';

type Field = readonly [name: string, value: ConsentFieldValue];
interface Message {
  readonly title: string;
  readonly intent: string;
  readonly fields: readonly Field[];
  /** Only in the long form. */
  readonly warning?: string;
}

const parsers: Readonly<Record<string, (bytes: Uint8Array, caller: Uint8Array) => Result<Transaction, IcrcError>>> = {
  icrc1_transfer: parseTransfer,
  icrc2_approve: parseApprove,
  icrc2_transfer_from: parseTransferFrom,
};

export function consentMessage(
  settings: TokenSettings,
  caller: Uint8Array,
  { method, arg, user_preferences }: CandidConsentRequest,
): CandidConsentResponse {
  const parser = Object.hasOwn(parsers, method) ? parsers[method] : undefined;
  if (parser === undefined) return unsupported(`${method.slice(0, 64)} is none of ${Object.keys(parsers).join(', ')}`);
  if (arg.length > argumentBytesMax) return unsupported(`the argument is longer than ${argumentBytesMax} bytes`);
  const transaction = parseArgument(parser, Uint8Array.from(arg), caller);
  if (transaction === null) return unsupported(`the argument is not that of ${method}`);
  const { metadata, device_spec } = user_preferences;
  const offset = boundedOffset(metadata.utc_offset_minutes[0] ?? null);
  const message = messageOf(settings, transaction, isAnonymous(caller), offset);
  const isSensitive = transaction.kind === 'approve' && transaction.expiresAtNs !== null && offset !== null;
  const [device] = device_spec;
  return {
    Ok: {
      consent_message:
        device !== undefined && 'FieldsDisplay' in device
          ? { FieldsDisplayMessage: { intent: message.intent, fields: message.fields } }
          : { GenericDisplayMessage: renderMarkdown(message, settings, offset ?? 0) },
      metadata: { language: 'en', utc_offset_minutes: isSensitive ? [offset] : [] },
    },
  };
}

function unsupported(description: string): CandidConsentResponse {
  return { Err: { UnsupportedCanisterCall: { description } } };
}

/** The Candid library says by throwing that bytes are no argument. */
function parseArgument(
  parser: (bytes: Uint8Array, caller: Uint8Array) => Result<Transaction, IcrcError>,
  bytes: Uint8Array,
  caller: Uint8Array,
): Transaction | null {
  try {
    const parsed = parser(bytes, caller);
    return parsed.ok ? parsed.value : null;
  } catch {
    return null;
  }
}

const isAnonymous = (caller: Uint8Array) => caller.length === 1 && caller[0] === 4;

/** Minutes in a day: no zone is further away. */
function boundedOffset(minutes: number | null): number | null {
  return minutes !== null && Math.abs(minutes) < 24 * 60 ? minutes : null;
}

function messageOf(
  settings: TokenSettings,
  transaction: Transaction,
  isCallerUnknown: boolean,
  offset: number | null,
): Message {
  if (transaction.kind === 'approve') return approvalMessage(settings, transaction, isCallerUnknown, offset);
  return transaction.spender === null
    ? transferMessage(settings, transaction, isCallerUnknown)
    : spendingMessage(settings, transaction, isCallerUnknown);
}

function transferMessage(settings: TokenSettings, transfer: Transfer, isCallerUnknown: boolean): Message {
  const operation = operationOf(settings, transfer);
  const { symbol } = settings;
  const fields = [
    amountField('Amount', transfer.amount, settings),
    ownField('From', transfer.from, isCallerUnknown),
    textField('To', accountText(transfer.to)),
    ...(operation === 'xfer' ? [amountField('Fee', settings.fee, settings)] : []),
    ...memoField(transfer.memo),
  ];
  if (operation === 'mint') return { title: `Mint ${symbol}`, intent: `Mint ${symbol}`, fields };
  if (operation === 'burn') return { title: `Burn ${symbol}`, intent: `Burn ${symbol}`, fields };
  return { title: `Send ${symbol}`, intent: `Send ${symbol}`, fields };
}

function spendingMessage(settings: TokenSettings, transfer: Transfer, isCallerUnknown: boolean): Message {
  const isBurn = operationOf(settings, transfer) === 'burn';
  const intent = isBurn ? `Burn ${settings.symbol} of another account` : `Spend ${settings.symbol}`;
  return {
    title: isBurn ? intent : `Spend ${settings.symbol} of an account that allowed it`,
    intent,
    fields: [
      amountField('Amount', transfer.amount, settings),
      textField('From', accountText(transfer.from)),
      textField('To', accountText(transfer.to)),
      ownField('Spender', transfer.spender!, isCallerUnknown),
      ...(isBurn ? [] : [amountField('Fee', settings.fee, settings)]),
      ...memoField(transfer.memo),
    ],
  };
}

function approvalMessage(
  settings: TokenSettings,
  approve: Approve,
  isCallerUnknown: boolean,
  offset: number | null,
): Message {
  const { from, spender, amount, expectedAllowance, expiresAtNs, memo } = approve;
  const fields = [
    textField('Approve to spender', accountText(spender)),
    ownField('From', from, isCallerUnknown),
    amountField('Requested allowance', amount, settings),
    ...(expectedAllowance === null ? [] : [amountField('Existing allowance', expectedAllowance, settings)]),
    expiryField(expiresAtNs, offset),
    amountField('Approval fee', settings.fee, settings),
    ownField('Fees paid by', from, isCallerUnknown),
    ...memoField(memo),
  ];
  const title = `Let another account spend your ${settings.symbol}`;
  if (expectedAllowance !== null) return { title, intent: `Approve ${settings.symbol} spending`, fields };
  const warning =
    'The allowance becomes this amount whatever it was before; until then the former one can still be spent.';
  return { title, intent: `Approve ${settings.symbol} spending`, fields, warning };
}

const textField = (name: string, content: string): Field => [name, { Text: { content } }];

/** A signer without a connection asks anonymously; then the owner is whoever signs. */
function ownField(name: string, account: GivenAccount, isCallerUnknown: boolean): Field {
  if (!isCallerUnknown) return textField(name, accountText(account));
  if (isDefault(account)) return textField(name, 'your account');
  return textField(`${name} subaccount`, bytesToHex(account.subaccount!));
}

const nat64Max = 2n ** 64n - 1n;

function amountField(name: string, amount: bigint, { decimals, symbol }: TokenSettings): Field {
  if (amount <= nat64Max) return [name, { TokenAmount: { decimals, amount, symbol } }];
  return textField(name, `${decimalText(amount, decimals)} ${symbol}`);
}

function expiryField(expiresAtNs: bigint | null, offset: number | null): Field {
  const name = 'Approval expiration';
  if (expiresAtNs === null) return textField(name, 'This approval does not expire.');
  const seconds = expiresAtNs / 1_000_000_000n;
  return offset === null
    ? [name, { TimestampSeconds: { amount: seconds } }]
    : textField(name, timeText(seconds, offset));
}

function memoField(memo: Uint8Array | null): Field[] {
  if (memo === null) return [];
  const text = parseText(memo);
  // Anything that Markdown could read as more than a word is shown as bytes.
  const isPlain = text !== null && /^[\w .,:;/+-]+$/.test(text);
  return [textField('Memo', isPlain ? text : `0x${bytesToHex(memo)}`)];
}

function accountText(account: GivenAccount): string {
  return accountToText(givenToAccount(account));
}

/** `1234500000` with 8 decimals is `12.345`. */
export function decimalText(amount: bigint, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** The last second that the language's calendar knows. */
const calendarSecondsMax = 8_640_000_000_000n - 86_400n;

function timeText(seconds: bigint, offsetMinutes: number): string {
  if (seconds > calendarSecondsMax) return `${seconds} seconds after 1970`;
  const local = new Date((Number(seconds) + offsetMinutes * 60) * 1000).toISOString();
  const sign = offsetMinutes < 0 ? '-' : '+';
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  const zone = offsetMinutes === 0 ? 'UTC' : `UTC${sign}${pad(hours)}:${pad(minutes)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone}`;
}

const pad = (value: number) => `${value}`.padStart(2, '0');

function renderMarkdown({ title, fields, warning }: Message, settings: TokenSettings, offset: number): string {
  const lines = fields.map(([name, value]) => `**${name}:**\n\`${valueText(value, settings, offset)}\``);
  return [`# ${title}`, ...lines, ...(warning === undefined ? [] : [`⚠ ${warning}`])].join('\n\n');
}

function valueText(value: ConsentFieldValue, { decimals, symbol }: TokenSettings, offset: number): string {
  if ('TokenAmount' in value) return `${decimalText(value.TokenAmount.amount, decimals)} ${symbol}`;
  if ('Text' in value) return value.Text.content;
  return 'TimestampSeconds' in value
    ? timeText(value.TimestampSeconds.amount, offset)
    : `${value.DurationSeconds.amount} seconds`;
}
