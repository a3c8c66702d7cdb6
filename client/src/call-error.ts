// What can go wrong with a call, in the words of the protocol: a refusal of the canister passes through as it is; what the
// network or the way to it did gets a kind of its own that says whether anything can have happened.
import { AgentError, CborDecodeErrorCode, ErrorKindEnum, HttpErrorCode } from '@dfinity/agent';
import { AssertionError } from '@tamc/base/assert';
import type { Refusal, RefusalKind } from '@tamc/protocol/refusal';
import { dateRefusalOf } from './network-time.ts';
import { isPassing } from './resend.ts';

/**
 * `unreachable`: nothing was done. `unknown`: it may have been done. `rejected`: the network did not take it, or the canister gave it
 * up, which undoes only what it did since it last called another. `untrusted`: an answer came whose certificate does not hold.
 */
export type CallErrorKind = RefusalKind | 'unreachable' | 'unknown' | 'rejected' | 'untrusted';

export interface CallError extends Omit<Refusal, 'kind'> {
  readonly kind: CallErrorKind;
  /** 1 to 6, as the specification numbers rejections; null where nothing was rejected. */
  readonly rejectCode: number | null;
}

/** An answer came, and it is not of the type that is known here. */
export class UnreadableAnswer extends Error {}

/** Of what changes nothing. Null when the error is not one of a call: a bug, which is not to be hidden. */
export function errorToCallError(error: unknown): CallError | null {
  if (error instanceof UnreadableAnswer)
    return { ...unreadable, message: `the answer cannot be read: ${firstLine(error.message)}`, rejectCode: null };
  if (!(error instanceof AgentError)) return null;
  const rejection = rejectionOf(error);
  if (rejection !== null) return rejection;
  const said = dateRefusalOf(error);
  if (said !== null) return { ...clocksDiffer, message: `${clocksApart}: ${firstLine(said)}`, rejectCode: null };
  if (isWithoutKeys(error)) return { ...unreachable, message: noKeys, rejectCode: null };
  const { code } = error;
  if (code instanceof HttpErrorCode) return httpError(code);
  if (code instanceof CborDecodeErrorCode) return { ...unreachable, message: noAnswer, rejectCode: null };
  return { ...(codes[nameOf(code)] ?? kinds[error.kind]), message: firstLine(error.message), rejectCode: null };
}

/** Whatever the client library throws that is not of its own errors, it throws while it reads an answer. */
export function throwUnreadable(error: unknown): never {
  if (error instanceof AgentError || error instanceof AssertionError) throw error;
  throw new UnreadableAnswer(error instanceof Error ? error.message : String(error));
}

export function outsideType(fault: string): CallError {
  return { ...malformed, message: `the values do not fit the method: ${fault}`, rejectCode: null };
}

export function malformedAddress(url: string): CallError {
  return { ...addressless, message: `"${url}" is not the address of a network`, rejectCode: null };
}

/** Whether the next time may end otherwise. */
export function isPassingError({ code }: CallError): boolean {
  return code === unreachable.code || code === unknown.code;
}

function httpError({ status, statusText, bodyText = '' }: HttpErrorCode): CallError {
  const name = statusText === '' ? `${status}` : `${status} (${statusText})`;
  const said = firstLine(bodyText.trim()).slice(0, saidCharsMax);
  const message = `HTTP ${name}${said === '' ? '' : `: ${said}`}`;
  if (!isPassing(status)) return { ...refused, message, rejectCode: null };
  return { ...unreachable, ...(said !== '' && { nextStep: mendThat }), message, rejectCode: null };
}

/** A sentence of a network, or enough of a page to know whose it is. */
const saidCharsMax = 200;

/**
 * A query was answered, but the keys to check its answer with could not be had. The library drops the reason, nearly always a
 * network that went away in between, and calls it a missing signature. Certificates and signatures that do not hold have codes of
 * their own. The answer is not believed, and a query did nothing.
 */
function isWithoutKeys({ code }: AgentError): boolean {
  return nameOf(code) === 'MissingSignatureErrorCode';
}

function nameOf(code: AgentError['code']): string {
  return 'name' in code && typeof code.name === 'string' ? code.name : '';
}

const clocksApart = "this computer's clock and the network's time are too far apart, so it did not take the request";

const mendThat = 'Read what the network says and have that mended, then try again: nothing was done.';
const noKeys = 'the network went away before its answer could be checked';
const noAnswer = 'what answered is not a network of the Internet Computer, or its answer was cut';

type Row = Pick<CallError, 'kind' | 'code' | 'nextStep'>;

const unreachable: Row = {
  kind: 'unreachable',
  code: 'NetworkUnreachable',
  nextStep: 'Check that the network runs and its address, then try again: nothing was done.',
};
/** Before anything of it was looked at. */
const clocksDiffer: Row = {
  kind: 'rejected',
  code: 'ClocksDiffer',
  nextStep:
    "Nothing was done. Try again: the network's time is asked for anew. If it stays so, look at both clocks with `npx tamc doctor`.",
};
const unknown: Row = {
  kind: 'unknown',
  code: 'AnswerLost',
  nextStep:
    'It may have been done. Repeat it with the same command id: it is done once, and the answer tells how it ended.',
};
const untrusted: Row = {
  kind: 'untrusted',
  code: 'CertificateInvalid',
  nextStep: 'Do not believe this answer. Check which network this is, and its root key.',
};
const malformed: Row = {
  kind: 'input',
  code: 'ValueOutsideType',
  nextStep: 'Check the values against the types of the method.',
};

const refused: Row = {
  kind: 'unreachable',
  code: 'RequestRefused',
  nextStep: 'Nothing was done. Check the address of the network, and that what was asked for can be asked there.',
};
const unreadable: Row = {
  kind: 'input',
  code: 'AnswerUnreadable',
  nextStep:
    'Check that it is the canister that was meant. If it is, it is newer than this program: bring the program up to date.',
};
const addressless: Row = {
  kind: 'input',
  code: 'AddressMalformed',
  nextStep: 'Write it like http://127.0.0.1:4943.',
};

/** The library's kinds do not say whether something was done: of an update that may have left, see below. */
const kinds: Readonly<Record<ErrorKindEnum, Row>> = {
  [ErrorKindEnum.Trust]: untrusted,
  // Of its codes those that do not stand below are about certificates and signatures.
  [ErrorKindEnum.Protocol]: untrusted,
  [ErrorKindEnum.Reject]: unreachable,
  [ErrorKindEnum.Transport]: unreachable,
  [ErrorKindEnum.External]: unreachable,
  [ErrorKindEnum.Limit]: unreachable,
  [ErrorKindEnum.Input]: malformed,
  [ErrorKindEnum.Unknown]: unreachable,
};

const codes: Readonly<Record<string, Row>> = {
  TimeoutWaitingForResponseErrorCode: unreachable,
  HttpV3ApiNotSupportedErrorCode: unreachable,
  HashTreeDecodeErrorCode: untrusted,
};

/**
 * Of an update that may have left: only a reject says how it ended. An earlier attempt whose answer was lost is not undone by the
 * reject of a later one.
 */
export function errorOfSentUpdate(
  error: CallError,
  { isRepeatable, isRepeated }: { readonly isRepeatable: boolean; readonly isRepeated: boolean },
): CallError {
  if (error.kind === 'rejected' && !isRepeated)
    return { ...error, ...(isGivenUp(error) && { nextStep: lookAfterTrap }) };
  if (error.kind === 'untrusted') return error;
  if (error.code === unreadable.code) return { ...error, kind: 'unknown', nextStep: lookAfterUnreadable };
  return {
    ...unknown,
    ...(!isRepeatable && { nextStep: lookFirst }),
    message: error.message,
    rejectCode: error.rejectCode,
  };
}

/** By the canister itself, 4 and 5 in the specification's numbers; the others are the system's, before it ran. */
function isGivenUp({ rejectCode }: CallError): boolean {
  return rejectCode !== null && rejectCode >= 4;
}

const lookAfterTrap =
  'Read the reason. If the canister trapped, that is a fault worth reporting; what it did before it called another canister stands, so look before you do it again.';
const lookAfterUnreadable =
  'The canister took it up and answered in another type than this program knows: look what was done before you do it again, and bring the program up to date.';
const lookFirst = 'It may have been done. Look whether it was before you do it again: a second time would do it twice.';

function rejectionOf({ code }: AgentError): CallError | null {
  if (!('rejectMessage' in code && 'rejectCode' in code)) return null;
  const errorCode = 'rejectErrorCode' in code && typeof code.rejectErrorCode === 'string' ? code.rejectErrorCode : null;
  return {
    kind: 'rejected',
    code: errorCode ?? `Reject${String(code.rejectCode)}`,
    message: String(code.rejectMessage),
    nextStep: 'Nothing was changed. Read the reason; if the canister trapped, that is a fault worth reporting.',
    rejectCode: Number(code.rejectCode),
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
